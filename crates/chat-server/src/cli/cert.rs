//! `chat-server cert`: a certificate for trying out, which vouches for itself.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use crate::tls::fingerprint;

use super::account::print;

#[derive(Args)]
pub(crate) struct CertArguments {
    /// Names and addresses by which clients know the server
    #[arg(default_values = ["localhost", "127.0.0.1", "::1"])]
    names: Vec<String>,
    /// Where the certificate goes
    #[arg(long, value_name = "FILE", default_value = "certificate.pem")]
    certificate: PathBuf,
    /// Where its key goes, which nobody else may read
    #[arg(long, value_name = "FILE", default_value = "key.pem")]
    key: PathBuf,
    /// For how long it is valid
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// Replace files that are there
    #[arg(long)]
    overwrite: bool,
}

/// Makes a certificate and its key, and says what names it.
pub(crate) fn cert(arguments: &CertArguments) -> anyhow::Result<()> {
    let CertArguments { names, certificate, key, days, overwrite } = arguments;
    ensure!(certificate != key, "the certificate and the key can't be in one file here");
    for file in [certificate, key] {
        ensure!(
            *overwrite || !file.exists(),
            "{} is there already: --overwrite replaces it",
            file.display()
        );
    }
    let made_key = KeyPair::generate().context("can't make a key")?;
    let made = params(names, *days)?.self_signed(&made_key).context("can't make a certificate")?;
    write(key, made_key.serialize_pem().as_bytes(), 0o600)?;
    write(certificate, made.pem().as_bytes(), 0o644)?;
    let (certificate, key) = (certificate.display(), key.display());
    print(&format!("The certificate {certificate} for {} is made", names.join(", ")))?;
    print(&format!("Its key is {key}; both belong into the table [tls] of the configuration"))?;
    print(&format!("SHA-256 fingerprint: {}", with_colons(&fingerprint(made.der()))))
}

fn params(names: &[String], days: u16) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(names).context("expected host names and addresses")?;
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let until = today.checked_add(i32::from(days).days()).context("that is too long")?;
    let number = |part: i8| u8::try_from(part).expect("months and days are from 1 on");
    let midnight = |date: Date| {
        date_time_ymd(i32::from(date.year()), number(date.month()), number(date.day()))
    };
    // Clocks differ.
    params.not_before = midnight(today.yesterday().context("that is too long ago")?);
    params.not_after = midnight(until);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, &*names[0]);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

/// Writes a file as a whole: who follows it never sees half of it.
fn write(file: &Path, text: &[u8], mode: u32) -> anyhow::Result<()> {
    let mut beside = file.to_owned().into_os_string();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let write = || {
        let mut out =
            OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
        out.write_all(text)?;
        out.sync_all()?;
        fs::rename(&beside, file)
    };
    // One that is left over may be for everybody to read.
    let _ = fs::remove_file(&beside);
    write().with_context(|| format!("can't write {}", file.display()))
}

fn with_colons(hex: &str) -> String {
    let bytes: Vec<&str> =
        hex.as_bytes().chunks(2).filter_map(|byte| std::str::from_utf8(byte).ok()).collect();
    bytes.join(":").to_uppercase()
}
