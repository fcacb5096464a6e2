//! `chat-server backup` and `chat-server restore`.

use chat_store::SqliteStore;

use super::account::print;
use super::{BackupArguments, RestoreArguments};

pub(super) fn back_up(arguments: &BackupArguments) -> anyhow::Result<()> {
    arguments.place.open_existing()?.backup(&arguments.file)?;
    print(&format!("The backup {} is made", arguments.file.display()))
}

pub(super) fn restore(arguments: &RestoreArguments) -> anyhow::Result<()> {
    let RestoreArguments { file, replace, place } = arguments;
    let directory = place.config()?.server.data;
    SqliteStore::restore(file, &directory, *replace)?;
    print(&format!("The data in {} is that of {}", directory.display(), file.display()))
}
