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
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::address::{Address, is_this_machine};
use crate::args::{Args, nickname};
use crate::core::{Client, Config};
use crate::line::Terminal;
use crate::net::{Dialer, Policies};
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

/// How often the state hears that time has passed, at least.
const TICK: Duration = Duration::from_secs(5);

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

fn chance() -> u32 {
    let mut bytes = [0_u8; 4];
    getrandom::fill(&mut bytes).expect("a system that runs programs has random bytes");
    u32::from_ne_bytes(bytes)
}

/// Where to connect to, and whether by TLS: as the user says, and as the server has said before.
fn place(args: &Args) -> anyhow::Result<(Address, bool, bool)> {
    let wanted = args.tls_wanted();
    let (address, is_secure) = args.place.resolve(wanted).map_err(anyhow::Error::msg)?;
    let policies = if address.is_named() { Policies::open() } else { Policies::default() };
    let policy = policies.find(&address.host, Timestamp::now())?;
    let is_bound = policy.is_some();
    let Some(policy) = policy.filter(|_| !is_secure) else {
        return Ok((address, is_secure, is_bound));
    };
    anyhow::ensure!(
        wanted.is_none(),
        "{} has asked to be reached by TLS only until {}: leave --no-tls out",
        address.host,
        policy.until.strftime("%Y-%m-%d %H:%M UTC")
    );
    Ok((Address { port: policy.port, ..address }, true, is_bound))
}

/// Connects, and starts the threads of the connection.
fn connect(
    args: Args,
    nickname: String,
    way: Way,
    output: Arc<dyn Output>,
) -> anyhow::Result<Arc<Session>> {
    let (address, is_secure, is_bound) = place(&args)?;
    if !is_secure && !is_this_machine(&address.host) {
        output::problem("Without TLS: everybody on the way can read along.");
    }
    let tick = TICK.min(Duration::from_secs(args.silence_max.into()) / 5);
    let dialer = Dialer::new(address, is_secure, args.tls_options(), tick)?;
    let rooms = args.wanted_rooms();
    let password =
        if args.password_prompt { Some(password::prompt("Server password: ")?) } else { None };
    let source = args.password_source();
    let account = match args.account {
        Some(account) => Some((account.clone(), source.read(&account)?)),
        None => None,
    };
    // What a server has asked for, nobody is to be talked out of.
    let wire = dial::dial(&dialer, way != Way::Pipe && !is_bound)?;
    let history_default = if way == Way::Pipe { 0 } else { HISTORY };
    let config = Config {
        nickname,
        username: user_name(),
        password,
        rooms,
        append_underscore: way != Way::Terminal,
        has_certificate: args.tls_cert.is_some() && account.is_none(),
        account,
        is_insecure: args.insecure,
        is_person: way != Way::Pipe,
        history: args.history.map_or(history_default, usize::from),
        time_zone: TimeZone::system(),
        random,
        chance,
        reconnects: way != Way::Pipe && !args.no_reconnect,
        silence_max: SignedDuration::from_secs(args.silence_max.into()),
    };
    let session = Arc::new(Session::new(Client::new(config), output));
    net::start(dialer, wire, session.clone())?;
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
