//! Plays every scenario below `scenarios/`, each against a server of its own.

use std::path::{Path, PathBuf};

use chat_tests::{binaries, scenario};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let trials: Vec<_> =
        files_below(&folder).into_iter().map(|file| trial(&folder, file)).collect();
    assert!(!trials.is_empty(), "there are no scenarios below {}", folder.display());
    if !arguments.list {
        binaries::chat_server();
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(folder: &Path, file: PathBuf) -> Trial {
    let name = file.strip_prefix(folder).expect("it was found there").with_extension("");
    Trial::test(name.display().to_string(), move || {
        scenario::play_file(&file).map_err(|error| Failed::from(format!("{error:#}")))
    })
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the scenarios can be read");
    let paths = entries.map(|entry| entry.expect("the scenarios can be read").path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let mut files: Vec<_> =
        files.into_iter().filter(|file| file.extension().is_some_and(|it| it == "txt")).collect();
    files.extend(folders.iter().flat_map(|folder| files_below(folder)));
    files.sort();
    files
}
