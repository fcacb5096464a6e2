//! Small files of the user's own: what the client has to know the next time.

use std::env;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;

const FOLDER: &str = "chat-client";
/// What is larger than this was not written by this program.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Where the file of this name is. XDG Base Directory Specification: `$XDG_STATE_HOME`.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let absolute =
        |variable| env::var_os(variable).map(PathBuf::from).filter(|it| it.is_absolute());
    let state = absolute("XDG_STATE_HOME");
    let state = state.or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join(FOLDER).join(name))
}

/// What is in it; nothing, if it is not there.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(error),
        Ok(found) if found.len() > BYTES_MAX => return Err(ErrorKind::FileTooLarge.into()),
        Ok(_) => {}
    }
    fs::read_to_string(path)
}

/// Replaces it as a whole, so that nobody ever reads half of it. Only the user can read it.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::InvalidFilename)?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let new = path.with_extension(format!("{}.new", process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let done = written.and_then(|()| fs::rename(&new, path));
    if done.is_err() {
        let _ = fs::remove_file(&new);
    }
    done
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_the_users_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        assert_eq!(read(&path).unwrap(), "");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(read(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(write(&folder.path().join("a"), "x").is_err());
    }
}
