//! The binaries under test, built before the first is started.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where the `chat-server` of this profile is.
pub fn chat_server() -> PathBuf {
    built_profile_dir().join("chat-server")
}

/// Where a `chat-server` is that has faults on purpose. Tests that use it use no other: while it is
/// built, it is where the other is.
pub fn chat_server_with_faults() -> &'static Path {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    COPY.get_or_init(|| {
        let profile_dir = profile_dir();
        build(&profile_dir, &["-p", "chat-server", "--features", "chat-server/fault-injection"]);
        let copy = profile_dir.join("chat-server-with-faults");
        // One that is running is not written to.
        let _ = std::fs::remove_file(&copy);
        std::fs::copy(profile_dir.join("chat-server"), &copy).expect("there is room for a copy");
        built_profile_dir();
        copy
    })
}

/// Where the `chat-client` of this profile is.
pub fn chat_client() -> PathBuf {
    built_profile_dir().join("chat-client")
}

/// Where the `chat-bench` of this profile is.
pub fn chat_bench() -> PathBuf {
    built_profile_dir().join("chat-bench")
}

/// Builds once per test process: `cargo test -p chat-tests` alone would leave the binaries as old
/// as they are.
fn built_profile_dir() -> &'static Path {
    static PROFILE_DIR: OnceLock<PathBuf> = OnceLock::new();
    PROFILE_DIR.get_or_init(|| {
        let profile_dir = profile_dir();
        build(&profile_dir, &["-p", "chat-server", "-p", "chat-client", "-p", "chat-bench"]);
        profile_dir
    })
}

/// A test runs as `TARGET/PROFILE/deps/NAME`; what is built beside it has the same flags.
fn profile_dir() -> PathBuf {
    let executable = std::env::current_exe().expect("a running test has a path");
    let profile_dir = executable.parent().and_then(Path::parent);
    profile_dir.expect("a test lies in the deps folder of its profile").to_owned()
}

fn build(profile_dir: &Path, what: &[&str]) {
    let target_dir = profile_dir.parent().expect("a profile lies in the target folder");
    let profile = profile_dir.file_name().expect("a profile's folder has its name");
    let profile = if profile == "debug" { "dev".as_ref() } else { profile };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let mut command = Command::new(cargo);
    // What cargo tells a test of its own package would have others built again.
    let of_the_test = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    });
    of_the_test.for_each(|name| {
        command.env_remove(name);
    });
    let output = command
        .args(["build", "--quiet"])
        .args(what)
        .arg("--profile")
        .arg(profile)
        .arg("--target-dir")
        .arg(target_dir)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "the binaries under test do not build:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
