//! `chat-server invite`.

use chat_store::Invitation;

use crate::accounts::secret;
use crate::data;

use super::InviteArguments;
use super::account::{parse_duration, print};

pub(super) fn run(arguments: &InviteArguments) -> anyhow::Result<()> {
    let lasts = parse_duration(&arguments.expires)?;
    let (_, store) = arguments.place.open()?;
    let created = data::now_micros();
    for _ in 0..arguments.count {
        // 100 bits: nobody guesses one.
        let code = secret::word::<20>();
        store.invite(&Invitation {
            code: code.clone(),
            by: "the command line".to_owned(),
            created,
            expires: created.saturating_add(lasts),
        })?;
        print(&code)?;
    }
    Ok(())
}
