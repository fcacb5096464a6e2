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
    /// Who is logged in.
    Owner,
    /// IRC operators.
    Oper,
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
        cx.notice_from(self.name, text);
    }

    /// HELP.
    pub(super) fn help(&self, cx: &mut Context<'_>, subject: Option<&str>) -> Answer {
        let Some(subject) = subject else {
            let is_oper = cx.user().profile().modes.oper;
            let shown = self.commands.iter().filter(|it| is_oper || it.access != Access::Oper);
            let names: Vec<&str> = shown.map(|command| command.name).collect();
            self.say(cx, &format!("{} HELP command explains one.", self.about));
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
        let is_allowed = match command.access {
            Access::Anybody => true,
            Access::Owner => cx.client.session.login().is_some(),
            Access::Oper => cx.user().profile().modes.oper,
        };
        if !is_allowed {
            let who = if command.access == Access::Oper { "an IRC operator" } else { "logged in" };
            return Err(format!("{} needs you to be {who}", command.name));
        }
        if params.len() < command.min_params {
            return Err(format!("Usage: {} {}", command.name, command.help.0));
        }
        (command.run)(cx, params)
    }

    fn find(&self, name: &str) -> Result<&ServiceCommand, String> {
        let found = self.commands.iter().find(|command| command.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| format!("This is no command of {}. HELP lists them.", self.name))
    }
}
