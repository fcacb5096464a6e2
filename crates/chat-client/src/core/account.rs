//! The account: making one, its password, and what the server says of it. IRCv3, "Account
//! Registration".

use chat_protocol::{LineWriter, Message};

use super::secret::Secret;
use super::{Action, Client};

const NOT_SAFE: &str = "The connection is not encrypted: others could read the password. Not sent; \
                        --insecure sends it all the same.";

impl Client {
    /// Whether nobody else can read the connection, or the user does not mind.
    pub(super) fn is_trusted(&self) -> bool {
        self.config.is_insecure || self.link.is_encrypted || self.link.is_local
    }

    /// Whether a password may be sent as it is; if not, the user is told.
    pub(super) fn may_send_password(&mut self) -> bool {
        if !self.is_trusted() {
            self.not_done(NOT_SAFE);
        }
        self.is_trusted()
    }

    /// `REGISTER account email :password`
    pub(super) fn send_register(&mut self, account: &str, email: &str, password: &Secret) {
        self.registering = Some(password.clone()).filter(|_| self.config.reconnects);
        self.send_password("REGISTER", &[account, email], password);
    }

    /// `NS PASSWD old :new`
    pub(super) fn send_passwd(&mut self, old: &Secret, new: &Secret) {
        let old = old.as_str();
        if old.starts_with(':') || has_space(old) || has_space(new.as_str()) {
            self.not_done(
                "This command takes no password with spaces, and no old one that starts with :.",
            );
            return;
        }
        self.password_may_change(new);
        self.send_password("NS", &["PASSWD", old], new);
    }

    fn send_password(&mut self, command: &str, middle: &[&str], password: &Secret) {
        let mut line = String::new();
        let mut writer = LineWriter::new(&mut line);
        writer.command(command);
        for param in middle {
            writer.param(param);
        }
        writer.trailing(password.as_str()).end_without_newline();
        if line.len() + "\r\n".len() > self.line_bytes_max() {
            self.not_done("That password is too long.");
            return;
        }
        self.actions.push(Action::Send(line));
    }

    /// `RPL_LOGGEDIN` and `RPL_LOGGEDOUT`: who the user is.
    pub(super) fn account_changed(&mut self, account: Option<&str>) {
        self.account = account.map(str::to_owned);
        if account.is_none() {
            self.forget_login();
        }
    }

    /// `REGISTER` and `VERIFY` of the server: how it went.
    pub(super) fn registration_result(&mut self, message: &Message<'_>) {
        let [result, account, .., said] = &*message.params else { return };
        match result.to_ascii_uppercase().as_str() {
            "SUCCESS" => {
                if let Some(password) = self.registering.take() {
                    self.keep_password(account, &password);
                }
                self.tell(format!("The account {account} is yours, and you are logged in."));
            }
            "VERIFICATION_REQUIRED" => {
                self.tell(format!("{said} Then: /verify {account} CODE"));
            }
            _ => self.tell(*said),
        }
    }
}

/// The service takes a line apart at spaces of every kind.
fn has_space(password: &str) -> bool {
    password.contains(char::is_whitespace)
}
