//! The account: making one, its password, and what the server says of it. IRCv3, "Account
//! Registration".

use chat_protocol::{LineWriter, Message};

use super::secret::Secret;
use super::{Action, Client};

const NOT_SAFE: &str = "The connection is not encrypted: others could read the password. Not sent; \
                        --insecure sends it all the same.";

impl Client {
    /// Whether a password may be sent as it is; if not, the user is told.
    pub(super) fn may_send_password(&mut self) -> bool {
        if !self.config.is_trusted {
            self.not_done(NOT_SAFE);
        }
        self.config.is_trusted
    }

    /// `REGISTER account email :password`
    pub(super) fn send_register(&mut self, account: &str, email: &str, password: &Secret) {
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

    /// `REGISTER` and `VERIFY` of the server: how it went.
    pub(super) fn registration_result(&mut self, message: &Message<'_>) {
        let [result, account, .., said] = &*message.params else { return };
        match result.to_ascii_uppercase().as_str() {
            "SUCCESS" => {
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
