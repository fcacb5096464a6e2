//! What the log looks like: lines for people, or JSON for machines. It goes to stderr, one line each.

use std::io::{self, Write};

use clap::ValueEnum;
use env_logger::fmt::Formatter;
use log::{LevelFilter, Record};
use serde_json::json;

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Time, level, part of the program, text.
    #[default]
    Text,
    /// One object in each line, with the keys time, level, target and message.
    Json,
}

/// Starts logging. `RUST_LOG` goes before `level`.
pub(crate) fn start(level: LevelFilter, format: LogFormat) {
    let environment = env_logger::Env::default().default_filter_or(level.as_str());
    let mut builder = env_logger::Builder::from_env(environment);
    match format {
        LogFormat::Text => builder.format(text),
        LogFormat::Json => builder.format(|out, record| writeln!(out, "{}", object(record))),
    };
    // It writes what clients say as it is.
    builder.filter_module("tungstenite", LevelFilter::Warn);
    builder.init();
}

fn text(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let (level, style) = (record.level(), out.default_level_style(record.level()));
    let (now, target) = (jiff::Timestamp::now(), record.target());
    writeln!(out, "[{now:.0} {style}{level:<5}{style:#} {target}] {}", record.args())
}

fn object(record: &Record<'_>) -> serde_json::Value {
    json!({
        "time": format!("{:.3}", jiff::Timestamp::now()),
        "level": record.level().as_str(),
        "target": record.target(),
        "message": record.args().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_one_line_whatever_is_said() {
        let said = "\"quoted\"\nnext \x1b[31m";
        let mut record = Record::builder();
        record.level(log::Level::Warn).target("chat_server::net");
        let line = object(&record.args(format_args!("{said}")).build()).to_string();
        assert!(!line.contains(char::is_control), "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["message"], said);
        assert_eq!(read["level"], "WARN");
        let time = read["time"].as_str().unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok() && time.ends_with('Z'), "{time}");
    }
}
