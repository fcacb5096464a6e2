//! What the command line says.

use std::path::PathBuf;

use clap::Parser;

use crate::address::Place;
use crate::net::{Fingerprint, Options};
use crate::password::Source;

/// Chat in the terminal, or from a pipe.
///
/// A line you type goes to the current room; /help says what else there is, and exit alone on a
/// line leaves. In a pipe, every line of the input is sent as it is.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Args {
    // No doc comment: rustdoc would take the brackets for a link.
    #[arg(
        value_name = "ADDR",
        default_value = "127.0.0.1:65432",
        help = "The server: HOST, HOST:PORT, [V6]:PORT or ircs://HOST/ROOM"
    )]
    pub(crate) place: Place,

    /// Your name; asked for if there is a terminal to ask on, else $USER
    #[arg(long, value_name = "NAME", value_parser = nickname)]
    pub(crate) nick: Option<String>,

    /// A room to join, #general if none is given; more than once for more; its # may be left out
    #[arg(long = "room", value_name = "ROOM", value_parser = room)]
    pub(crate) rooms: Vec<String>,

    /// Use TLS; that is so anyway but for this machine
    #[arg(long, conflicts_with = "no_tls")]
    pub(crate) tls: bool,

    /// Do without TLS: everybody on the way can read along
    #[arg(long)]
    pub(crate) no_tls: bool,

    /// A file with the certificates of those who may sign the server's, instead of the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,

    /// The only certificate the server may have, by its SHA-256
    #[arg(long, value_name = "SHA256")]
    pub(crate) tls_fingerprint: Option<Fingerprint>,

    /// Show the server this certificate, which can log in to an account
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The key of --tls-cert, if it is not in the same file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,

    /// Log in to this account, whose password is asked for; it is your name too if there is no --nick
    #[arg(long, value_name = "NAME", value_parser = nickname)]
    pub(crate) account: Option<String>,

    /// A shell command that prints the account's password
    #[arg(long, value_name = "CMD", requires = "account", conflicts_with = "password_file")]
    pub(crate) password_command: Option<String>,

    /// A file with the account's password, which only you can read
    #[arg(long, value_name = "FILE", requires = "account")]
    pub(crate) password_file: Option<PathBuf>,

    /// Send the account's password as it is, even where others can read the connection
    #[arg(long)]
    pub(crate) insecure: bool,

    /// How many earlier lines of a room to show; 20, in a pipe none
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=1000))]
    pub(crate) history: Option<u16>,

    /// End when the connection ends, instead of making another; a pipe always does
    #[arg(long)]
    pub(crate) no_reconnect: bool,

    /// After so many seconds without a word from the server, the connection counts as lost
    #[arg(long, value_name = "SECONDS", default_value_t = 150, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) silence_max: u16,

    /// Ask for the server's password
    #[arg(long)]
    pub(crate) password_prompt: bool,

    /// In a pipe, take input lines that start with / as commands
    #[arg(long)]
    pub(crate) commands: bool,
}

impl Args {
    /// The name to have, as far as the user has said it.
    pub(crate) fn name(&self) -> Option<String> {
        self.nick.clone().or_else(|| self.account.clone())
    }

    /// Whether TLS is asked for, or refused.
    pub(crate) fn tls_wanted(&self) -> Option<bool> {
        match (self.tls, self.no_tls) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            (false, false) => None,
        }
    }

    /// Those that are given, those in the URL, or the one that every server has.
    pub(crate) fn wanted_rooms(&self) -> Vec<String> {
        let rooms = [self.rooms.as_slice(), &self.place.rooms].concat();
        if rooms.is_empty() { vec!["general".to_owned()] } else { rooms }
    }

    pub(crate) fn tls_options(&self) -> Options {
        Options {
            ca: self.tls_ca.clone(),
            fingerprint: self.tls_fingerprint,
            certificate: self.tls_cert.clone(),
            key: self.tls_key.clone(),
        }
    }

    pub(crate) fn password_source(&self) -> Source {
        match (&self.password_command, &self.password_file) {
            (Some(command), _) => Source::Command(command.clone()),
            (None, Some(path)) => Source::File(path.clone()),
            (None, None) => Source::Prompt,
        }
    }
}

/// What can't be written on the wire is refused here; what the server thinks of it, it says.
pub(crate) fn nickname(text: &str) -> Result<String, String> {
    one_word(text)?;
    if text.starts_with([':', '#', '$', '&', '@']) || text.contains(['!', '@', ',', '*']) {
        return Err("that can't be a name".to_owned());
    }
    Ok(text.to_owned())
}

fn room(text: &str) -> Result<String, String> {
    one_word(text)?;
    if text.starts_with(':') || text.contains(',') {
        return Err("that can't be a room's name".to_owned());
    }
    Ok(text.to_owned())
}

fn one_word(text: &str) -> Result<(), String> {
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("a name is one word".to_owned());
    }
    Ok(())
}
