//! What services have in common: commands in a table, spoken to by PRIVMSG or by a command of their
//! own, answers by NOTICE.

use super::Context;

/// Somebody who is no user and answers.
pub(super) struct Service {
    pub(super) name: &'static str,
    /// What it is about, in a sentence.
    pub(super) about: &'static str,
    /// In the order of the names.
    pub(super) commands: &'static [ServiceCommand],
}

/// A row of a service's table.
pub(super) struct ServiceCommand {
    pub(super) name: &'static str,
    pub(super) min_params: usize,
    pub(super) access: Access,
    /// What HELP says: the parameters, then what it does.
    pub(super) help: (&'static str, &'static str),
    pub(super) run: fn(&mut Context<'_>, &[&str]) -> Answer,
}

/// Who may use a command; the command itself may ask for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Anybody,
    LoggedIn,
}

/// An error is the text that is answered.
pub(super) type Answer = Result<(), String>;

impl Service {
    /// Somebody says something to it.
    pub(super) fn hear(&self, cx: &mut Context<'_>, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let answer = match words.split_first() {
            Some((name, params)) => self.run(cx, name, params),
            None => self.help(cx, None),
        };
        if let Err(text) = answer {
            self.say(cx, &text);
        }
    }

    /// Answers with one line.
    pub(super) fn say(&self, cx: &mut Context<'_>, text: &str) {
        cx.write(|speaker, out| {
            let source = format!("{0}!{0}@{1}", self.name, speaker.name);
            let mut writer = chat_protocol::LineWriter::new(out);
            writer.source(&source).command("NOTICE").param(speaker.client).trailing(text);
            writer.end_within(speaker.bytes_max);
        });
    }

    /// HELP.
    pub(super) fn help(&self, cx: &mut Context<'_>, subject: Option<&str>) -> Answer {
        let Some(subject) = subject else {
            let names: Vec<&str> = self.commands.iter().map(|command| command.name).collect();
            self.say(cx, &format!("{} HELP command explains a command.", self.about));
            self.say(cx, &names.join(" "));
            return Ok(());
        };
        let (params, text) = self.find(subject)?.help;
        self.say(cx, format!("{} {params}", subject.to_ascii_uppercase()).trim_end());
        self.say(cx, text);
        Ok(())
    }

    fn run(&self, cx: &mut Context<'_>, name: &str, params: &[&str]) -> Answer {
        let command = self.find(name)?;
        if command.access == Access::LoggedIn && cx.user().profile().account.is_none() {
            return Err("Log in to an account first".to_owned());
        }
        if params.len() < command.min_params {
            return Err(format!("More is needed: {} {}", command.name, command.help.0));
        }
        (command.run)(cx, params)
    }

    fn find(&self, name: &str) -> Result<&ServiceCommand, String> {
        let found = self.commands.iter().find(|command| command.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| format!("This is no command of {}. HELP lists them.", self.name))
    }
}
