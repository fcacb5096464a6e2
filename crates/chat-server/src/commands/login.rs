//! What logging in and out means for the client that does it, by whatever command.

use chat_protocol::numeric::{RPL_LOGGEDIN, RPL_SASLSUCCESS};
use chat_store::{Account, AccountName};

use crate::server::accounts::Erasure;
use crate::server::bans::farewell;
use crate::state::session::{Farewell, Login};

use super::authenticate::Exchange;
use super::{Context, Reply};

/// What a connection has begun about accounts and not finished; most have begun nothing.
#[derive(Default)]
pub(crate) struct Unfinished {
    /// AUTHENTICATE.
    pub(super) exchange: Option<Box<Exchange>>,
    /// An account that waits for the code of an invitation.
    pub(super) account: Option<Box<Account>>,
    /// The account to be dropped, and the code that confirms it.
    pub(super) drop: Option<Box<(AccountName, String)>>,
    /// What is to be erased, and the code that confirms it.
    pub(super) erasure: Option<Box<(Erasure, String)>>,
}

/// Logs the client in. `by_sasl`: it is told so in SASL's way as well.
pub(super) fn log_in(cx: &mut Context<'_>, account: &Account, by_sasl: bool) {
    let (source, name) = (source(cx), account.name.as_str());
    cx.reply(&Reply::numeric(RPL_LOGGEDIN).param(source).param(name).fill(&[name]));
    if by_sasl {
        cx.numeric(RPL_SASLSUCCESS, &[]);
    }
    let session = cx.client.session.clone();
    if cx.server.shares_user_of_another(&session, &account.name) {
        return session.close(Farewell::new("Logged in to another account: connect again"));
    }
    let login = Login::to(account);
    cx.server.set_login(&session, Some(login), Some(session.id), cx.delivery);
    // Who was banned at this moment has not been found among those who are logged in.
    if let Some(why) = cx.server.refusal_of_account(&account.name) {
        session.close(farewell(&why));
    }
}

/// Logs the client out.
pub(super) fn log_out(cx: &mut Context<'_>) {
    let session = cx.client.session.clone();
    cx.server.log_out(&session, Some(session.id), cx.delivery);
}

/// The client's source, with `*` for what is not known yet.
fn source(cx: &Context<'_>) -> String {
    if let Some(user) = cx.client.session.user() {
        return user.profile().source().to_string();
    }
    let username =
        cx.client.registration.user.as_ref().map_or("*", |(username, _)| username.as_str());
    let host = cx.server.host_of(&cx.client.session);
    format!("{}!{username}@{host}", cx.client_name())
}
