//! `chat-server invite`.

use chat_store::Invitation;

use crate::accounts::secret;
use crate::data;

use super::account::{parse_duration, print};
use super::{InviteArguments, audit};

pub(super) fn run(arguments: &InviteArguments) -> anyhow::Result<()> {
    let lasts = parse_duration(&arguments.expires)?;
    let (_, store) = arguments.place.open()?;
    let created = data::now_micros();
    for _ in 0..arguments.count {
        // 100 bits: nobody guesses one.
        let code = secret::word::<20>();
        let invitation = Invitation {
            code: code.clone(),
            by: "the command line".to_owned(),
            created,
            expires: created.saturating_add(lasts),
        };
        let entry = audit::entry("invite").with(&format!("for {}", arguments.expires));
        store.invite(&invitation, Some(&entry))?;
        print(&code)?;
    }
    Ok(())
}
