//! The front door: one port for everything, TLS, and who is really there.

mod cloak;
mod expiry;
mod haproxy;
mod plaintext;
mod proxy;
mod replacing;
mod slow;
mod sniffing;
mod tls;
mod web;
mod webirc;

use chat_tests::Certificate;
use tempfile::TempDir;

/// The lines of the table `[tls]` for a certificate, and the folder it is in.
fn with_certificate(certificate: &Certificate) -> (String, TempDir) {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let [path, key] = certificate.write(folder.path()).map(|path| path.display().to_string());
    (format!("[tls]\ncertificate = {path:?}\nkey = {key:?}\n"), folder)
}
