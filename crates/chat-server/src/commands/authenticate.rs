//! AUTHENTICATE. IRCv3, "SASL Authentication", versions 3.1 and 3.2.

use chat_protocol::Message;
use chat_protocol::numeric::{
    ERR_NICKLOCKED, ERR_SASLABORTED, ERR_SASLALREADY, ERR_SASLFAIL, ERR_SASLTOOLONG, RPL_SASLMECHS,
};
use chat_store::{Account, AccountName};

use crate::accounts::sasl::{self, Mechanism, Plain, Response, ResponseError};
use crate::accounts::{scram, secret};
use crate::server::accounts::LoginError;
use crate::state::session::Session;

use super::{Context, Outcome, Reply, login};

/// What ends an exchange from the client's side.
const ABORT: &str = "*";

/// An exchange that waits for the client.
pub(crate) struct Exchange {
    response: Response,
    step: Step,
}

impl Exchange {
    /// Nothing of the response has come yet.
    fn at(step: Step) -> Self {
        Self { response: Response::default(), step }
    }
}

enum Step {
    Plain,
    External,
    ScramFirst,
    ScramFinal(Box<ScramFinal>),
    /// The server has proved itself, and the client has to say that it has seen it.
    ScramDone(Box<Account>),
}

struct ScramFinal {
    account: Option<Account>,
    name: AccountName,
    exchange: scram::Exchange,
}

/// What comes after a response.
enum Next {
    Say(Step, Vec<u8>),
    LoggedIn(Box<Account>),
}

pub(super) fn authenticate(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let param = message.params[0];
    let exchange = cx.client.unfinished.exchange.take();
    if param == ABORT {
        return Err(Reply::numeric(ERR_SASLABORTED));
    }
    match exchange {
        None => start(cx, param),
        Some(exchange) => respond(cx, exchange, param),
    }
}

/// Ends an exchange that is under way when the client registers.
pub(super) fn abort(cx: &mut Context<'_>) {
    if cx.client.unfinished.exchange.take().is_some() {
        cx.numeric(ERR_SASLABORTED, &[]);
    }
}

/// The mechanisms by which a client can succeed.
pub(super) fn mechanisms(session: &Session) -> String {
    sasl::mechanisms(session.certificate().is_some())
}

fn start(cx: &mut Context<'_>, mechanism: &str) -> Outcome {
    let Some(mechanism) = Mechanism::from_name(mechanism) else {
        let mechanisms = mechanisms(&cx.client.session);
        cx.numeric(RPL_SASLMECHS, &[&mechanisms]);
        return Err(Reply::numeric(ERR_SASLFAIL).text("This SASL mechanism is not supported"));
    };
    // Logging in again came with version 302 of capability negotiation.
    if cx.client.session.login().is_some() && !cx.client.session.cap_302() {
        return Err(Reply::numeric(ERR_SASLALREADY));
    }
    let step = match mechanism {
        Mechanism::Plain => Step::Plain,
        Mechanism::External => Step::External,
        Mechanism::ScramSha256 => Step::ScramFirst,
    };
    cx.client.unfinished.exchange = Some(Box::new(Exchange::at(step)));
    cx.send("AUTHENTICATE", &["+"]);
    Ok(())
}

fn respond(cx: &mut Context<'_>, mut exchange: Box<Exchange>, part: &str) -> Outcome {
    let response = match exchange.response.push(part) {
        Ok(Some(response)) => response,
        Ok(None) => {
            cx.client.unfinished.exchange = Some(exchange);
            return Ok(());
        }
        Err(ResponseError::ChunkTooLong) => return Err(Reply::numeric(ERR_SASLTOOLONG)),
        Err(ResponseError::TooLong) => return Err(failed("The response is too long")),
        Err(ResponseError::NotBase64) => return Err(failed("The response is not base64")),
    };
    match step(cx, exchange.step, &response)? {
        Next::Say(step, message) => {
            for part in sasl::parts(&message) {
                cx.send("AUTHENTICATE", &[&part]);
            }
            cx.client.unfinished.exchange = Some(Box::new(Exchange::at(step)));
        }
        Next::LoggedIn(account) => login::log_in(cx, &account, true),
    }
    Ok(())
}

fn step(cx: &mut Context<'_>, step: Step, response: &[u8]) -> Result<Next, Reply> {
    let malformed = || failed("The response is not what the mechanism asks for");
    match step {
        Step::Plain => {
            let plain = Plain::parse(response).ok_or_else(malformed)?;
            let account = check_plain(cx, &plain).map_err(|error| refused(&error))?;
            Ok(Next::LoggedIn(Box::new(account)))
        }
        Step::External => {
            let account = check_external(cx, response).map_err(|error| refused(&error))?;
            Ok(Next::LoggedIn(Box::new(account)))
        }
        Step::ScramFirst => {
            let text = std::str::from_utf8(response).map_err(|_| malformed())?;
            let first = scram::ClientFirst::parse(text).ok_or_else(malformed)?;
            answer_first(cx, first).map_err(|error| refused(&error))
        }
        Step::ScramFinal(waiting) => {
            let ScramFinal { account, name, exchange } = *waiting;
            let text = std::str::from_utf8(response).map_err(|_| malformed())?;
            let session = cx.client.session.clone();
            let proved = cx.server.finish_scram(&session, account, &name, &exchange, text);
            let (account, signature) = proved.map_err(|error| refused(&error))?;
            Ok(Next::Say(Step::ScramDone(Box::new(account)), signature.into_bytes()))
        }
        Step::ScramDone(account) => {
            let account = cx.server.unchanged(&cx.client.session, &account);
            Ok(Next::LoggedIn(Box::new(account.map_err(|error| refused(&error))?)))
        }
    }
}

fn check_plain(cx: &mut Context<'_>, plain: &Plain) -> Result<Account, LoginError> {
    // Nobody acts as somebody else.
    if plain.authzid.as_ref().is_some_and(|authzid| *authzid != plain.name) {
        return Err(LoginError::Wrong);
    }
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    cx.server.check_password(&cx.client.session, &plain.name, &plain.password)
}

fn check_external(cx: &Context<'_>, authzid: &[u8]) -> Result<Account, LoginError> {
    let session = &cx.client.session;
    let fingerprint = session.certificate().ok_or(LoginError::Wrong)?;
    let account = cx.server.check_certificate(session, fingerprint)?;
    let is_same =
        authzid.is_empty() || authzid.eq_ignore_ascii_case(account.name.as_str().as_bytes());
    if is_same { Ok(account) } else { Err(LoginError::Wrong) }
}

fn answer_first(cx: &Context<'_>, first: scram::ClientFirst) -> Result<Next, LoginError> {
    if first.authzid.as_ref().is_some_and(|authzid| *authzid != first.name) {
        return Err(LoginError::Wrong);
    }
    let name = first.name.clone();
    let (account, verifier) = cx.server.begin_login(&cx.client.session, &name)?;
    let (exchange, message) = first.answer(verifier, &secret::word::<26>());
    let waiting = Box::new(ScramFinal { account, name, exchange });
    Ok(Next::Say(Step::ScramFinal(waiting), message.into_bytes()))
}

fn failed(why: &str) -> Reply {
    Reply::numeric(ERR_SASLFAIL).text(format!("SASL authentication failed: {why}"))
}

fn refused(error: &LoginError) -> Reply {
    match error {
        LoginError::Suspended(why) => Reply::numeric(ERR_NICKLOCKED).fill(&[why]),
        LoginError::Banned(why) => {
            Reply::numeric(ERR_NICKLOCKED).fill(&[&format!("it is banned: {why}")])
        }
        LoginError::Wrong => Reply::numeric(ERR_SASLFAIL),
        error => failed(&error.text()),
    }
}
