//! Passwords that a command needs: they are asked for one by one, and never typed into a line.

use super::Client;
use super::secret::Secret;

/// What the passwords are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// SASL, for this account.
    Login { account: String },
    /// `REGISTER`: the account, or `*` for the nickname; the address of mail, or `*` for none.
    Register { account: String, email: String },
    /// `NS PASSWD`
    Passwd,
}

/// What is being asked.
#[derive(Debug)]
pub(super) struct Asking {
    purpose: Purpose,
    answers: Vec<Secret>,
}

impl Purpose {
    /// Every prompt, in its order. The last repeats the one before where there are several.
    fn prompts(&self) -> &'static [&'static str] {
        match self {
            Self::Login { .. } => &["Password"],
            Self::Register { .. } => &["New password", "Once more"],
            Self::Passwd => &["Old password", "New password", "Once more"],
        }
    }
}

impl Client {
    /// The prompt for the password that is asked for now, if one is.
    pub(crate) fn question(&self) -> Option<String> {
        let asking = self.asking.as_ref()?;
        let prompt = asking.purpose.prompts().get(asking.answers.len())?;
        Some(match &asking.purpose {
            Purpose::Login { account } => format!("{prompt} for {account}: "),
            Purpose::Register { .. } | Purpose::Passwd => format!("{prompt}: "),
        })
    }

    /// Starts to ask.
    pub(super) fn ask(&mut self, purpose: Purpose) {
        self.asking = Some(Asking { purpose, answers: Vec::new() });
    }

    /// Takes an answer. None, or an empty one, ends the questions.
    pub(super) fn answered(&mut self, secret: Option<&Secret>) {
        let Some(mut asking) = self.asking.take() else {
            self.not_done("The connection was lost meanwhile, so nothing is done.");
            return;
        };
        let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
            self.not_done("Nothing was entered, so nothing is done.");
            return;
        };
        asking.answers.push(secret.clone());
        if asking.answers.len() < asking.purpose.prompts().len() {
            self.asking = Some(asking);
            return;
        }
        match (asking.purpose, asking.answers.as_slice()) {
            (Purpose::Login { account }, [password]) => self.log_in(&account, password.clone()),
            (_, [.., new, again]) if new != again => {
                self.not_done("The two passwords differ, so nothing is done.");
            }
            (Purpose::Register { account, email }, [new, _]) => {
                self.send_register(&account, &email, new);
            }
            (Purpose::Passwd, [old, new, _]) => self.send_passwd(old, new),
            _ => {}
        }
    }

    /// A command that came to nothing is a failure where a pipe wants to know.
    pub(super) fn not_done(&mut self, why: &str) {
        self.delivery.not_sent();
        self.problem(why);
    }
}
