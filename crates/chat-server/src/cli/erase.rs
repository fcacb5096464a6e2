//! `chat-server account erase`.

use std::thread;
use std::time::{Duration, Instant};

use super::account::{confirm, existing, print};
use super::{Place, audit};

/// So many entries at a time.
const STEP: usize = 200;
/// The shortest pause. It is as long as the step before it: a server that runs goes on writing.
const PAUSE_MIN: Duration = Duration::from_millis(5);

pub(super) fn run(name: &str, keeps_text: bool, place: &Place) -> anyhow::Result<()> {
    let store = place.open_existing()?;
    let name = existing(&*store, name)?;
    confirm(
        &name,
        if keeps_text { "This unsigns all messages of" } else { "This erases all messages of" },
    )?;
    let how = if keeps_text { "author" } else { "messages" };
    store.audit(&audit::entry("account erase").on(name.as_str()).with(how))?;
    loop {
        let start = Instant::now();
        if store.erase_author(&name, keeps_text, STEP)? == 0 {
            break;
        }
        thread::sleep(start.elapsed().max(PAUSE_MIN));
    }
    let how = if keeps_text { "kept without the name" } else { "erased" };
    print(&format!("What {name} has said is {how}"))
}
