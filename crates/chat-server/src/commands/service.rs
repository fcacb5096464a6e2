//! What services have in common: commands in a table, spoken to by PRIVMSG or by a command of their
//! own, answers by NOTICE.

use crate::state::privilege::Privilege;
use crate::state::user::User;

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
    /// IRC operators with a privilege.
    Oper(Privilege),
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
            let user = cx.user();
            let is_shown = |access: Access| match access {
                Access::Oper(privilege) => user.profile().may(privilege),
                Access::Anybody | Access::Owner => true,
            };
            let shown = self.commands.iter().filter(|command| is_shown(command.access));
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
        let missing = match command.access {
            Access::Owner if cx.client.session.login().is_none() => Some("you to be logged in"),
            Access::Oper(privilege) => lacks(&cx.user(), privilege),
            Access::Anybody | Access::Owner => None,
        };
        if let Some(missing) = missing {
            return Err(format!("{} needs {missing}", command.name));
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

/// What a user lacks for a command that takes a privilege.
fn lacks(user: &User, privilege: Privilege) -> Option<&'static str> {
    let profile = user.profile();
    match profile.role() {
        None => Some("you to be an IRC operator"),
        Some(_) if profile.may(privilege) => None,
        Some(_) => Some("a privilege that your role does not have"),
    }
}
