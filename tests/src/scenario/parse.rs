//! Text becomes steps.

use anyhow::{Context, Result, bail, ensure};

use super::{Action, Order, Scenario, Step};
use crate::pattern::{Pattern, Text};

/// Words that start a line and can therefore not be the name of a client.
const KEYWORDS: [&str; 5] = ["config", "connect", "open", "join", "restart"];

/// Reads a scenario. Errors name the line.
pub fn parse(text: &str) -> Result<Scenario> {
    ensure!(
        text.starts_with("# "),
        "line 1: a scenario starts with a comment that says what it shows"
    );
    let mut scenario = Scenario { config: String::new(), steps: Vec::new() };
    let mut clients = Vec::new();
    let mut in_config = false;
    for (line, text) in (1..).zip(text.lines().map(str::trim_end)) {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let (true, Some(toml)) = (in_config, text.strip_prefix("    ")) {
            scenario.config.push_str(toml);
            scenario.config.push('\n');
            continue;
        }
        in_config = text == "config";
        if in_config {
            ensure!(
                scenario.steps.is_empty(),
                "line {line}: the config comes before the first step"
            );
            continue;
        }
        let action = action(text, &mut clients).with_context(|| format!("line {line}: {text}"))?;
        scenario.steps.push(Step { line, text: text.to_owned(), action });
    }
    ensure!(!scenario.steps.is_empty(), "a scenario without steps");
    Ok(scenario)
}

fn action(text: &str, known: &mut Vec<String>) -> Result<Action> {
    if text == "restart" {
        return Ok(Action::Restart);
    }
    let (subject, rest) = text.split_once(' ').context("a step needs more than one word")?;
    let rest = rest.trim_start();
    match subject {
        "connect" => {
            let (names, capabilities) = rest.split_once(" caps ").unwrap_or((rest, ""));
            Ok(Action::Connect {
                clients: introduced(names, known)?,
                capabilities: words(capabilities),
            })
        }
        "open" => Ok(Action::Open { clients: introduced(rest, known)? }),
        "join" => {
            let (room, names) = rest.split_once(' ').context("join needs a room and clients")?;
            let clients = words(names);
            clients.iter().try_for_each(|client| must_be_known(client, known))?;
            Ok(Action::Join { room: Text::literal(room)?, clients })
        }
        client => {
            must_be_known(client, known)?;
            client_action(client.to_owned(), rest)
        }
    }
}

fn client_action(client: String, rest: &str) -> Result<Action> {
    let (operator, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let expect = |client, order| {
        Pattern::parse(text).map(|pattern| Action::Expect { client, pattern, order })
    };
    match operator {
        ">" => Ok(Action::Send { client, text: Text::literal(text)? }),
        "<" => expect(client, Order::Next),
        "<<" => expect(client, Order::Later),
        "<&" => expect(client, Order::Any),
        "silent" if text.is_empty() => Ok(Action::Silent { client }),
        "skip" if text.is_empty() => Ok(Action::Skip { client }),
        "closed" if text.is_empty() => Ok(Action::Closed { client }),
        "hangup" if text.is_empty() => Ok(Action::HangUp { client }),
        _ => bail!("after a client comes one of > < << <& silent skip closed hangup"),
    }
}

fn introduced(names: &str, known: &mut Vec<String>) -> Result<Vec<String>> {
    let names = words(names);
    ensure!(!names.is_empty(), "which clients?");
    for name in &names {
        ensure!(!KEYWORDS.contains(&name.as_str()), "{name} can't be the name of a client");
        known.push(name.clone());
    }
    Ok(names)
}

fn must_be_known(client: &str, known: &[String]) -> Result<()> {
    ensure!(known.iter().any(|name| name == client), "{client} was not connected before");
    Ok(())
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_step_is_read() {
        let text = "# All.\nconfig\n    motd = \"x\"\n    [limits]\n\nconnect a b caps batch setname\n\
                    open raw\njoin #r a b\na > X\nb   < X\na << X\na <& X\na silent\na skip\n\
                    raw closed\nb hangup\nrestart\n";
        let scenario = parse(text).unwrap();
        assert_eq!(scenario.config, "motd = \"x\"\n[limits]\n");
        assert_eq!(scenario.steps.len(), 12);
        assert_eq!(scenario.steps[0].line, 6);
        let Action::Connect { clients, capabilities } = &scenario.steps[0].action else {
            panic!("{:?}", scenario.steps[0]);
        };
        assert_eq!((clients.len(), capabilities.len()), (2, 2));
    }

    #[test]
    fn errors_name_the_line() {
        for wrong in [
            "a > PING x",
            "connect",
            "connect join",
            "connect a\na = X",
            "connect a\na silent now",
            "connect a\na < @x",
            "connect a\na > {",
            "connect a\nconfig\n    x = 1",
            "join #r a",
            "    motd = 1",
        ] {
            let error = parse(&format!("# Wrong.\n{wrong}\n")).expect_err(wrong);
            assert!(format!("{error:#}").contains("line "), "{wrong}: {error:#}");
        }
        assert!(parse("connect a\n").is_err());
        assert!(parse("# Nothing.\n").is_err());
    }
}
