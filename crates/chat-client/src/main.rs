//! A chat client for the terminal: a prompt where there is a terminal, plain lines in a pipe.

mod address;
mod args;
mod core;
mod dial;
mod input;
mod line;
mod net;
mod output;
mod password;
mod plain;
mod private_file;
mod render;
mod sanitize;
mod session;
mod threads;

use std::env;
use std::io::{self, BufRead, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use jiff::tz::TimeZone;

use crate::address::is_this_machine;
use crate::args::{Args, nickname};
use crate::core::{Client, Config};
use crate::line::Terminal;
use crate::net::{Dialer, Outgoing};
use crate::password::Source;
use crate::plain::{Input, Lines};
use crate::render::Style;
use crate::session::{Output, Session};

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    let args = Args::parse();
    run(args).unwrap_or_else(|error| {
        output::problem(&format!("{error:#}"));
        ExitCode::FAILURE
    })
}

fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (typing, showing) = (io::stdin().is_terminal(), io::stdout().is_terminal());
    let has_colours = env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
    let is_refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = showing && has_colours && !is_refused;
    let style = Style { colour, every_room: false, time_zone: TimeZone::system() };
    check_account(&args, typing)?;
    password::end_on_interrupt().context("cannot take signals")?;
    let terminal = if typing && showing { Terminal::open(style.clone()) } else { None };
    match terminal {
        Some(terminal) => run_terminal(args, terminal),
        None => run_plain(args, Style { every_room: true, ..style }, typing),
    }
}

fn run_terminal(args: Args, mut terminal: Terminal) -> anyhow::Result<ExitCode> {
    let nick = match args.name() {
        Some(nick) => nick,
        None => match terminal.ask_name(&user_name())? {
            Some(name) => name,
            None => return Ok(ExitCode::SUCCESS),
        },
    };
    let nick = nickname(&nick).map_err(anyhow::Error::msg)?;
    let session = connect(args, nick, Way::Terminal, terminal.output())?;
    terminal.run(&session)
}

fn run_plain(args: Args, style: Style, typing: bool) -> anyhow::Result<ExitCode> {
    let input = match (typing, args.commands) {
        (true, _) => Input::Keyboard,
        (false, true) => Input::Commands,
        (false, false) => Input::Text,
    };
    let nick = match args.name() {
        Some(nick) => nick,
        None if typing => ask_name(&user_name())?,
        None => user_name(),
    };
    let nick = nickname(&nick).map_err(anyhow::Error::msg)?;
    let lines = Arc::new(Lines::new(style, input));
    let way = if typing { Way::Keyboard } else { Way::Pipe };
    let session = connect(args, nick, way, lines.clone())?;
    plain::run(&session, &lines)
}

/// Earlier lines that a person sees of a room.
const HISTORY: usize = 20;

/// Who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Somebody, with a terminal to edit lines on.
    Terminal,
    /// Somebody types, but the output goes elsewhere, or the terminal can't do much.
    Keyboard,
    /// A program.
    Pipe,
}

/// Where nobody can be asked, a password has to come from elsewhere.
fn check_account(args: &Args, typing: bool) -> anyhow::Result<()> {
    let asks = args.account.is_some() && args.password_source() == Source::Prompt;
    anyhow::ensure!(
        typing || !asks,
        "--account needs --password-command or --password-file where there is no terminal"
    );
    Ok(())
}

/// 96 bits from the system, as hexadecimal digits.
fn random() -> String {
    let mut bytes = [0_u8; 12];
    getrandom::fill(&mut bytes).expect("a system that runs programs has random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Connects, and starts the threads of the connection.
fn connect(
    args: Args,
    nickname: String,
    way: Way,
    output: Arc<dyn Output>,
) -> anyhow::Result<Arc<Session>> {
    let (address, is_secure) = args.place.resolve(args.tls_wanted()).map_err(anyhow::Error::msg)?;
    if !is_secure && !is_this_machine(&address.host) {
        output::problem("Without TLS: everybody on the way can read along.");
    }
    let options = args.tls_options();
    let dialer = Dialer::new(address, is_secure.then_some(&options))?;
    let rooms = args.wanted_rooms();
    let password =
        if args.password_prompt { Some(password::prompt("Server password: ")?) } else { None };
    let source = args.password_source();
    let account = match args.account {
        Some(account) => Some((account.clone(), source.read(&account)?)),
        None => None,
    };
    let wire = Arc::new(dial::dial(&dialer, way != Way::Pipe)?);
    let history_default = if way == Way::Pipe { 0 } else { HISTORY };
    let config = Config {
        nickname,
        username: user_name(),
        password,
        rooms,
        append_underscore: way != Way::Terminal,
        has_certificate: args.tls_cert.is_some() && account.is_none(),
        account,
        is_trusted: args.insecure || wire.is_encrypted() || wire.is_local(),
        is_person: way != Way::Pipe,
        history: args.history.map_or(history_default, usize::from),
        time_zone: TimeZone::system(),
        random,
    };
    let outgoing = Outgoing::start(&wire)?;
    let session = Arc::new(Session::new(Client::new(config), outgoing, output));
    net::start_reader(wire, session.clone())?;
    Ok(session)
}

/// Asks where standard output may be a pipe.
fn ask_name(default: &str) -> anyhow::Result<String> {
    output::ask(&format!("Name [{default}]: "));
    let mut name = String::new();
    io::stdin().lock().read_line(&mut name).context("cannot read a name")?;
    let name = name.trim();
    Ok(if name.is_empty() { default } else { name }.to_owned())
}

/// The name of the system's user, as far as it can be a nickname anywhere.
fn user_name() -> String {
    const LENGTH_MAX: usize = 16;
    const FALLBACK: &str = "guest";

    let user = env::var("USER").or_else(|_| env::var("LOGNAME")).unwrap_or_default();
    let letters = user.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c));
    let name: String = letters.skip_while(|c| !c.is_ascii_alphabetic()).take(LENGTH_MAX).collect();
    if name.is_empty() { FALLBACK.to_owned() } else { name }
}
