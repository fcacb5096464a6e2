//! Logging in with SASL, before the welcome or later.

use chat_protocol::Message;

use super::extensions::SASL;
use super::for_good::is_for_good;
use super::login_again::Kept;
use super::questions::Purpose;
use super::sasl::{Exchange, Mechanism, NoMechanism};
use super::secret::Secret;
use super::{Client, Phase};

/// How often a person may try before the welcome.
const TRIES_MAX: usize = 3;

const NO_ACCOUNTS: &str = "The server has no accounts to log in to.";
const NOT_SHARED: &str = "The server has no way to log in that this client knows.";
const NO_EXTERNAL: &str = "The server takes no certificates: --account logs in with a password.";
const UNKNOWN_CERTIFICATE: &str = "No account has your certificate.";
const NOT_SAFE: &str = "The server only takes the password as it is, and the connection is not \
                        encrypted: others could read it. Not sent; --insecure sends it all the same.";
/// What servers say of a wrong password, with a reason behind it where there is another.
const FAILED: &str = "SASL authentication failed";
const WRONG: &str = "The account or the password is not right.";

/// Where the login stands.
#[derive(Debug, Default)]
pub(super) struct Login {
    exchange: Option<Exchange>,
    account: String,
    password: Option<Secret>,
    mechanisms: Option<Vec<String>>,
    unknown_to_server: Vec<Mechanism>,
    tries: usize,
    is_refused: bool,
    pub(super) kept: Option<Kept>,
}

impl Login {
    /// Whether it failed before the welcome, and was not tried again.
    pub(super) fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Whether the server's answer is awaited.
    pub(super) fn is_under_way(&self) -> bool {
        self.exchange.is_some()
    }
}

/// Why a login ended.
pub(super) enum Refusal<'a> {
    /// Another password may help.
    Wrong(&'a str),
    /// The same, or the same password later.
    Now(&'a str),
    /// Nothing the user could type would help, but the server may think better of it.
    Off(&'a str),
    /// Nothing would.
    Final(&'a str),
}

impl Refusal<'_> {
    fn why(&self) -> &str {
        let (Self::Wrong(why) | Self::Now(why) | Self::Off(why) | Self::Final(why)) = self;
        why
    }
}

impl Client {
    /// Starts to log in.
    pub(super) fn log_in(&mut self, account: &str, password: Secret) {
        self.login.is_refused = false;
        self.registration_goes_on();
        self.login.tries += 1;
        account.clone_into(&mut self.login.account);
        if !self.extensions.has(SASL) {
            self.login_ends(&Refusal::Off(NO_ACCOUNTS));
            return;
        }
        self.login.password = Some(password);
        self.login.mechanisms = self.extensions.values(SASL);
        self.login.unknown_to_server.clear();
        self.try_mechanism();
    }

    /// Starts to log in with the user's certificate, to whichever account has it.
    pub(super) fn log_in_by_certificate(&mut self) {
        let name = Mechanism::External.name();
        let mechanisms = self.extensions.values(SASL);
        let is_listed = mechanisms.is_none_or(|names| names.iter().any(|it| it == name));
        if !self.extensions.has(SASL) || !is_listed {
            self.login_ends(&Refusal::Final(NO_EXTERNAL));
            return;
        }
        self.login.exchange = Some(Exchange::external());
        self.send("AUTHENTICATE", &[name], None);
    }

    fn try_mechanism(&mut self) {
        let is_trusted = self.is_trusted();
        let login = &mut self.login;
        let mechanism =
            Mechanism::choose(login.mechanisms.as_deref(), &login.unknown_to_server, is_trusted);
        let mechanism = match mechanism {
            Ok(mechanism) => mechanism,
            Err(NoMechanism::NotShared) => return self.login_ends(&Refusal::Final(NOT_SHARED)),
            Err(NoMechanism::NotSafe) => return self.login_ends(&Refusal::Final(NOT_SAFE)),
        };
        let Some(password) = login.password.clone() else { return };
        let nonce = (self.config.random)();
        login.exchange = Some(Exchange::new(mechanism, login.account.clone(), password, nonce));
        self.send("AUTHENTICATE", &[mechanism.name()], None);
    }

    pub(super) fn authenticate(&mut self, message: &Message<'_>) {
        let Some(chunk) = message.params.first() else { return };
        let Some(exchange) = &mut self.login.exchange else { return };
        match exchange.receive(chunk) {
            Ok(answers) => {
                answers.iter().for_each(|answer| self.send("AUTHENTICATE", &[answer], None));
            }
            Err(why) => {
                self.send("AUTHENTICATE", &["*"], None);
                let why = format!("The server is not to be trusted with the login: {why}.");
                self.login_ends(&Refusal::Final(&why));
            }
        }
    }

    /// The numerics of SASL, from 902 to 908. Says whether it is one, and of a login under way.
    pub(super) fn login_numeric(&mut self, message: &Message<'_>) -> bool {
        let Some(exchange) = &self.login.exchange else { return false };
        let said = message.params.last().copied().unwrap_or_default();
        match message.command {
            "903" if exchange.is_done() => self.login_succeeded(),
            "903" => self.login_ends(&Refusal::Final(
                "The server says that you are logged in, but has not proved that it knows you.",
            )),
            "904" if exchange.mechanism() == Mechanism::External => {
                self.login_ends(&Refusal::Final(UNKNOWN_CERTIFICATE));
            }
            "904" if exchange.is_unanswered() => {
                self.login.unknown_to_server.push(exchange.mechanism());
                self.login.exchange = None;
                self.try_mechanism();
            }
            "904" => {
                let reason = said.strip_prefix(FAILED).and_then(|rest| rest.strip_prefix(": "));
                match reason.map(|reason| format!("You can't log in: {reason}")) {
                    Some(why) if is_for_good(&why) => self.login_ends(&Refusal::Wrong(&why)),
                    Some(why) => self.login_ends(&Refusal::Now(&why)),
                    None => self.login_ends(&Refusal::Wrong(WRONG)),
                }
            }
            "902" => self.login_ends(&Refusal::Final(&format!("You can't log in: {said}"))),
            "905" => self.login_ends(&Refusal::Wrong("That password is too long for the server.")),
            "906" => self.login_ends(&Refusal::Off("The server has ended the login.")),
            "907" => self.login_ends(&Refusal::Final("You are logged in already.")),
            "908" => {
                let names = message.params.get(1).map(|names| names.split(','));
                self.login.mechanisms = names.map(|names| names.map(str::to_owned).collect());
            }
            _ => return false,
        }
        true
    }

    fn login_succeeded(&mut self) {
        let exchange = self.login.exchange.take();
        let account = self.login.account.clone();
        match (self.login.password.take(), exchange.map(|exchange| exchange.mechanism())) {
            (Some(password), _) => self.keep_password(&account, &password),
            (None, Some(Mechanism::External)) if self.config.reconnects => {
                self.login.kept = Some(Kept::Certificate);
            }
            (None, _) => {}
        }
        self.end_negotiation();
    }

    /// Before the welcome a login that fails is the end, unless somebody can be asked again: who
    /// wants to speak as an account must not end up as anybody.
    fn login_ends(&mut self, refusal: &Refusal<'_>) {
        self.login.exchange = None;
        self.login.password = None;
        if self.is_returning() {
            self.login_again_ends(refusal);
            return;
        }
        self.not_done(refusal.why());
        if self.phase == Phase::Registered {
            return;
        }
        self.login.is_refused = true;
        self.registration_goes_on();
        let may_ask = self.config.is_person && self.login.tries < TRIES_MAX;
        if may_ask && matches!(refusal, Refusal::Wrong(_) | Refusal::Now(_)) {
            self.ask(Purpose::Login { account: self.login.account.clone() });
        }
    }

    /// A server that welcomes the user without a login that was asked for.
    pub(super) fn is_welcome_without_login(&mut self) -> bool {
        let waits = self.is_login_left_out();
        if waits {
            self.login_ends(&Refusal::Off(NO_ACCOUNTS));
        } else if self.login.exchange.is_some() {
            self.login_ends(&Refusal::Final("The server has not waited for the login."));
        }
        waits || self.login.is_refused || !self.is_online()
    }
}
