//! `chat-server check`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::ensure;

use crate::config::Config;

use super::CheckArguments;

/// Reads a configuration as the server would, and prints what is unwise in it. An error if it is not
/// valid.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<()> {
    let file = &arguments.config;
    let config = Config::read(file)?;
    let mut warnings = config.unwise();
    warnings.extend(around(&config, file));
    let mut out = std::io::stdout().lock();
    for warning in &warnings {
        writeln!(out, "warning: {warning}")?;
    }
    ensure!(
        warnings.is_empty() || !arguments.strict,
        "{} has {} warnings",
        file.display(),
        warnings.len()
    );
    writeln!(out, "{} is valid", file.display())?;
    Ok(())
}

/// What can't be seen from the configuration alone.
fn around(config: &Config, file: &Path) -> Vec<String> {
    let mut warnings = Vec::new();
    let has_secrets = config.server.password.is_some() || !config.opers.is_empty();
    if has_secrets && is_readable_by_all(file) {
        warnings.push(format!(
            "{} holds password hashes and everybody can read it: chmod o-r",
            file.display()
        ));
    }
    let data = &config.server.data;
    let existing = data.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    if rustix::fs::access(existing, rustix::fs::Access::WRITE_OK).is_err() {
        warnings.push(format!(
            "server.data: {} can't be written by who runs this check",
            existing.display()
        ));
    }
    if data.is_relative() {
        warnings.push(format!(
            "server.data: {} depends on where the server is started",
            data.display()
        ));
    }
    warnings
}

fn is_readable_by_all(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|it| it.permissions().mode() & 0o004 != 0)
}
