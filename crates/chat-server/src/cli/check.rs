//! `chat-server check`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::ensure;

use crate::config::Config;
use crate::data;
use crate::tls::{Identity, expiry_warning};

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
    let directory = &config.server.data;
    let existing = directory.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    if rustix::fs::access(existing, rustix::fs::Access::WRITE_OK).is_err() {
        warnings.push(format!(
            "server.data: {} can't be written by who runs this check",
            existing.display()
        ));
    }
    warnings.extend(certificate(config));
    if directory.is_relative() {
        warnings.push(format!(
            "server.data: {} depends on where the server is started",
            directory.display()
        ));
    }
    warnings
}

/// What is wrong with the certificate, as far as who runs this check can read it.
fn certificate(config: &Config) -> Option<String> {
    let identity = Identity::read(&config.tls.files()?);
    let warning = match identity {
        Ok(identity) => expiry_warning(identity.not_after?, data::now_micros() / 1_000_000),
        Err(error) => Some(error.to_string()),
    };
    warning.map(|warning| format!("tls.certificate: {warning}"))
}

fn is_readable_by_all(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|it| it.permissions().mode() & 0o004 != 0)
}
