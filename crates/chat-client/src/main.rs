//! A chat client for the terminal: a prompt where there is a terminal, plain lines in a pipe.

mod address;
mod core;
mod input;
mod line;
mod net;
mod output;
mod password;
mod plain;
mod render;
mod sanitize;
mod session;
mod threads;

use std::env;
use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use jiff::tz::TimeZone;

use crate::address::Address;
use crate::core::{Client, Config};
use crate::line::Terminal;
use crate::password::Source;
use crate::plain::{Input, Lines};
use crate::render::Style;
use crate::session::{Output, Session};

/// Chat in the terminal, or from a pipe.
///
/// A line you type goes to the current room; /help says what else there is, and exit alone on a
/// line leaves. In a pipe, every line of the input is sent as it is.
#[derive(Parser)]
#[command(version)]
struct Args {
    // No doc comment: rustdoc would take the brackets for a link.
    #[arg(
        value_name = "ADDR",
        default_value = "127.0.0.1:65432",
        help = "The server: HOST, HOST:PORT or [V6]:PORT"
    )]
    address: Address,

    /// Your name; asked for if there is a terminal to ask on, else $USER
    #[arg(long, value_name = "NAME", value_parser = nickname)]
    nick: Option<String>,

    /// A room to join, may be given more than once; its leading # may be left out
    #[arg(long = "room", value_name = "ROOM", value_parser = room, default_value = "general")]
    rooms: Vec<String>,

    /// Log in to this account, whose password is asked for; it is your name too if there is no --nick
    #[arg(long, value_name = "NAME", value_parser = nickname)]
    account: Option<String>,

    /// A shell command that prints the account's password
    #[arg(long, value_name = "CMD", requires = "account", conflicts_with = "password_file")]
    password_command: Option<String>,

    /// A file with the account's password, which only you can read
    #[arg(long, value_name = "FILE", requires = "account")]
    password_file: Option<PathBuf>,

    /// Send the account's password as it is, even where others can read the connection
    #[arg(long)]
    insecure: bool,

    /// How many earlier lines of a room to show; 20, in a pipe none
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=1000))]
    history: Option<u16>,

    /// Ask for the server's password
    #[arg(long)]
    password_prompt: bool,

    /// In a pipe, take input lines that start with / as commands
    #[arg(long)]
    commands: bool,
}

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

impl Args {
    /// The name to have, as far as the user has said it.
    fn name(&self) -> Option<String> {
        self.nick.clone().or_else(|| self.account.clone())
    }

    fn password_source(&self) -> Source {
        match (&self.password_command, &self.password_file) {
            (Some(command), _) => Source::Command(command.clone()),
            (None, Some(path)) => Source::File(path.clone()),
            (None, None) => Source::Prompt,
        }
    }
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
    let password =
        if args.password_prompt { Some(password::prompt("Server password: ")?) } else { None };
    let source = args.password_source();
    let account = match args.account {
        Some(account) => Some((account.clone(), source.read(&account)?)),
        None => None,
    };
    let stream = net::connect(&args.address)?;
    let history_default = if way == Way::Pipe { 0 } else { HISTORY };
    let config = Config {
        nickname,
        username: user_name(),
        password,
        rooms: args.rooms,
        append_underscore: way != Way::Terminal,
        account,
        is_trusted: args.insecure || net::is_local(&stream),
        is_person: way != Way::Pipe,
        history: args.history.map_or(history_default, usize::from),
        time_zone: TimeZone::system(),
        random,
    };
    let outgoing = net::start_writer(&stream)?;
    let session = Arc::new(Session::new(Client::new(config), outgoing, output));
    net::start_reader(stream, session.clone())?;
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

/// What can't be written on the wire is refused here; what the server thinks of it, it says.
fn nickname(text: &str) -> Result<String, String> {
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
