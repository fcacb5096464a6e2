//! From a connection to a user. Modern IRC, "Connection Registration".

use chat_protocol::Nickname;
use chat_protocol::numeric::{
    ERR_NICKNAMEINUSE, ERR_PASSWDMISMATCH, ERR_YOUREBANNEDCREEP, RPL_CREATED, RPL_MYINFO,
    RPL_VISIBLEHOST, RPL_WELCOME, RPL_YOURHOST,
};

use crate::server::accounts::no_operator;
use crate::server::bans::farewell;
use crate::server::{Registered, Unregistered, VERSION};
use crate::state::room_modes;
use crate::state::session::Farewell;
use crate::state::user::Profile;
use crate::state::user_modes::{self, UserModes};

use super::{Context, Outcome, Reply, arrival, lusers, motd, nick, oper, version};

/// What a client has said of itself so far.
#[derive(Debug, Default)]
pub(crate) struct Registration {
    pub(crate) nickname: Option<Nickname>,
    /// A nickname it has asked for that somebody else has.
    pub(crate) refused: Option<Nickname>,
    /// Username and realname.
    pub(crate) user: Option<(String, String)>,
    pub(crate) password: Option<String>,
    /// The password was right. It is checked once, however often the nickname turns out taken.
    pub(crate) admitted: bool,
    /// CAP LS or CAP REQ came and CAP END did not.
    pub(crate) negotiating: bool,
}

impl Registration {
    /// Whether the client has said anything about itself.
    pub(crate) fn has_begun(&self) -> bool {
        self.nickname.is_some()
            || self.refused.is_some()
            || self.user.is_some()
            || self.password.is_some()
            || self.negotiating
    }
}

/// What is told to who has to come by TLS.
pub(super) const USE_TLS: &str = "This server takes no connections without TLS: connect by TLS";

/// Registers the client if it has said all that is needed.
pub(crate) fn try_complete(cx: &mut Context<'_>) -> Outcome {
    let Some(profile) = profile(cx)? else { return Ok(()) };
    // What others say to it from now on comes after the greeting.
    let outbound = cx.client.session.outbound.clone();
    outbound.hold();
    let registered = register(cx, &profile);
    let outcome = registered.map(|registered| {
        if let Some(registered) = registered {
            greet(cx, registered);
        }
    });
    outbound.release(cx.delivery);
    outcome
}

/// What others are to see of the client, if it has said all that is needed and may come in.
#[inline(never)]
fn profile(cx: &mut Context<'_>) -> Result<Option<Box<Profile>>, Reply> {
    let registration = &cx.client.registration;
    let (Some(nickname), Some((username, realname)), false) =
        (&registration.nickname, &registration.user, registration.negotiating)
    else {
        return Ok(None);
    };
    if cx.client.session.needs_tls() {
        cx.client.session.close(Farewell::new(USE_TLS));
        return Ok(None);
    }
    let nickname = nickname.clone();
    let mut profile = Box::new(Profile::new(
        nickname.clone(),
        username,
        &cx.server.host_of(&cx.client.session),
        realname,
        cx.server.now(),
    ));
    check_password(cx)?;
    if has_to_log_in(cx) {
        return Ok(None);
    }
    check_nickname(cx, &nickname)?;
    let login = cx.client.session.login();
    profile.log_in(login.as_ref(), cx.server.config().accounts.always_on);
    Ok(Some(profile))
}

/// Makes the client's user, or joins it to the one of its account; neither, if the connection is about
/// to end.
#[inline(never)]
fn register(cx: &mut Context<'_>, profile: &Profile) -> Result<Option<Registered>, Reply> {
    let session = cx.client.session.clone();
    let bans = cx.server.bans().rev();
    if let Some(why) = cx.server.refusal_of(profile, &session) {
        return Err(send_away(cx, &why));
    }
    let registered = match cx.server.register(&session, profile, cx.delivery) {
        Ok(registered) => registered,
        Err(Unregistered::NicknameInUse) => {
            cx.client.registration.nickname = None;
            return Err(Reply::numeric(ERR_NICKNAMEINUSE).param(profile.nickname.as_str()));
        }
        Err(Unregistered::TooManySessions) => {
            session.close(Farewell::new("Your account has too many sessions, end one first"));
            return Ok(None);
        }
    };
    // Who is told that it is let in no longer waits to be.
    if let Some(place) = &mut cx.client.place {
        place.registered();
    }
    // Who was banned at this moment has not been found among the users; who joins one goes by its name.
    let is_same = matches!(registered, Registered::New) && cx.server.bans().rev() == bans;
    if !is_same && let Some(why) = cx.server.refusal_of_session(&session) {
        return Err(send_away(cx, &why));
    }
    Ok(Some(registered))
}

#[inline(never)]
fn greet(cx: &mut Context<'_>, registered: Registered) {
    take_role(cx, &registered);
    welcome(cx);
    show_host(cx);
    show_modes(cx);
    if let Registered::Joined(user, missed) = registered {
        arrival::show_rooms(cx, &user, missed);
    }
}

/// Closes the connection of who is banned.
pub(super) fn send_away(cx: &mut Context<'_>, why: &str) -> Reply {
    cx.client.session.close(farewell(why));
    Reply::numeric(ERR_YOUREBANNEDCREEP).text(format!("You are banned from this server: {why}"))
}

/// Makes an IRC operator of whose account is one's.
fn take_role(cx: &mut Context<'_>, registered: &Registered) {
    let session = &cx.client.session;
    let role = session.login().and_then(|login| cx.server.role_of(&login));
    let Some(role) = role else { return };
    if let Err(why) = cx.server.note_role(session, &role) {
        let nickname = cx.client_name();
        return cx.send("NOTICE", &[&nickname, &no_operator(&why)]);
    }
    if matches!(registered, Registered::New) {
        let was_oper = cx.user().profile().set_role(Some(role));
        cx.server.counters.oper_changed(was_oper, true);
    }
}

/// How others see it, if that is not its address.
fn show_host(cx: &mut Context<'_>) {
    let session = &cx.client.session;
    if cx.server.host_of(session) != session.address() {
        let host = cx.user().profile().hostname.clone();
        cx.numeric(RPL_VISIBLEHOST, &[&host]);
    }
}

/// The modes a user has from its beginning, or that other sessions have given it.
fn show_modes(cx: &mut Context<'_>) {
    let (modes, role) = {
        let user = cx.user();
        let profile = user.profile();
        (profile.modes, profile.role().cloned())
    };
    if let Some(role) = role {
        oper::show_role(cx, &role);
    }
    if modes != UserModes::default() {
        let nickname = cx.client_name();
        cx.send("MODE", &[&nickname, &modes.wire()]);
    }
}

/// Sends away who is not logged in, where everybody has to be.
fn has_to_log_in(cx: &mut Context<'_>) -> bool {
    let is_refused = cx.server.config().accounts.required && cx.client.session.login().is_none();
    if is_refused {
        let text = "Log in by SASL to use this server";
        cx.reply(&Reply::fail("*", "ACCOUNT_REQUIRED", text));
        cx.client.session.close(Farewell::new("You have to log in to an account"));
    }
    is_refused
}

/// Refuses a nickname that belongs to an account the client is not logged in to.
fn check_nickname(cx: &mut Context<'_>, nickname: &Nickname) -> Outcome {
    nick::check_accounts(cx, nickname).inspect_err(|_| {
        cx.client.registration.nickname = None;
    })
}

/// Refuses who does not give the server's password, if it has one.
pub(super) fn check_password(cx: &mut Context<'_>) -> Outcome {
    let Some(hash) = &cx.server.config().server.password else { return Ok(()) };
    if cx.client.registration.admitted {
        return Ok(());
    }
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    let given = cx.client.registration.password.take().unwrap_or_default();
    if cx.server.passwords.verify(&given, hash) {
        cx.client.registration.admitted = true;
        return Ok(());
    }
    cx.client.session.close(Farewell::new("Bad password"));
    Err(Reply::numeric(ERR_PASSWDMISMATCH))
}

fn welcome(cx: &mut Context<'_>) {
    let server = cx.server.clone();
    let name = server.name();
    let source = cx.user().profile().source().clone();
    cx.reply(&Reply::numeric(RPL_WELCOME).fill(&[&server.config().server.network, &source]));
    cx.reply(&Reply::numeric(RPL_YOURHOST).fill(&[name, VERSION]));
    cx.reply(&Reply::numeric(RPL_CREATED).fill(&[&server.started]));
    let (modes, modes_with_argument) = room_modes::letters();
    cx.numeric(RPL_MYINFO, &[name, VERSION, user_modes::MODES, &modes, &modes_with_argument]);
    version::show_isupport(cx);
    lusers::show(cx);
    motd::show(cx);
}
