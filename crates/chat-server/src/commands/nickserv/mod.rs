//! NickServ: accounts for clients that know no other way. `NS`, `NICKSERV`, and what is said to
//! `NickServ` by PRIVMSG. It answers by NOTICE.

mod certificates;
mod erasing;
mod login;
mod operators;
mod registering;
mod sessions;
mod settings;

use chat_protocol::Message;
use chat_store::{AccountName, StoreError};

use crate::accounts::name::NICKSERV;
use crate::server::accounts::unavailable;
use crate::state::privilege::Privilege;

use super::service::{Access, Answer, Service, ServiceCommand};
use super::{Context, Outcome};

use Access::{Anybody, Oper, Owner};
use Privilege::Accounts;

pub(super) static SERVICE: Service =
    Service { name: NICKSERV, about: "Commands for your account.", commands: COMMANDS };

/// Every command, in the order of the names.
#[rustfmt::skip]
static COMMANDS: &[ServiceCommand] = &[
    ServiceCommand { name: "CERT", min_params: 1, access: Owner, run: certificates::cert,
        help: ("ADD [fingerprint] | DEL fingerprint | LIST", "The certificates that log in to your account.") },
    ServiceCommand { name: "DROP", min_params: 0, access: Owner, run: registering::drop_account,
        help: ("[code]", "Deletes your account, once you say it again with the code you are told.") },
    ServiceCommand { name: "ERASE", min_params: 1, access: Owner, run: erasing::erase,
        help: ("MESSAGES [code] | AUTHOR [code]", "Deletes all that your account has said, or takes your name from it, once you say it again with the code you are told. Do it before DROP.") },
    ServiceCommand { name: "GHOST", min_params: 1, access: Anybody, run: sessions::ghost,
        help: ("nickname [password]", "Disconnects who uses the nickname of your account, or another session of yours.") },
    ServiceCommand { name: "HELP", min_params: 0, access: Anybody, run: help,
        help: ("[command]", "Lists the commands, or explains one.") },
    ServiceCommand { name: "IDENTIFY", min_params: 1, access: Anybody, run: login::identify,
        help: ("[account] password", "Logs you in; to the account of your nickname if none is named.") },
    ServiceCommand { name: "INFO", min_params: 0, access: Anybody, run: settings::info,
        help: ("[account]", "Shows an account, by default your own.") },
    ServiceCommand { name: "LOGOUT", min_params: 0, access: Owner, run: login::logout,
        help: ("", "Logs you out.") },
    ServiceCommand { name: "PASSWD", min_params: 2, access: Owner, run: settings::passwd,
        help: ("current new", "Changes your password.") },
    ServiceCommand { name: "RECLAIM", min_params: 0, access: Anybody, run: sessions::reclaim,
        help: ("[nickname [password]]", "Gives you the nickname of your account, whoever uses it.") },
    ServiceCommand { name: "REGAIN", min_params: 0, access: Anybody, run: sessions::reclaim,
        help: ("[nickname [password]]", "The same as RECLAIM.") },
    ServiceCommand { name: "REGISTER", min_params: 1, access: Anybody, run: registering::register,
        help: ("password [email] [code]", "Registers an account of your nickname. The code is that of an invitation, where it takes one.") },
    ServiceCommand { name: "RELEASE", min_params: 0, access: Anybody, run: sessions::reclaim,
        help: ("[nickname [password]]", "The same as RECLAIM.") },
    ServiceCommand { name: "RENAME", min_params: 2, access: Oper(Accounts), run: operators::rename,
        help: ("account name", "Gives an account another name. For IRC operators.") },
    ServiceCommand { name: "SAREGISTER", min_params: 2, access: Oper(Accounts), run: operators::saregister,
        help: ("account password [email]", "Registers an account for somebody. For IRC operators.") },
    ServiceCommand { name: "SESSIONS", min_params: 0, access: Owner, run: sessions::sessions,
        help: ("", "Lists the connections that are logged in to your account.") },
    ServiceCommand { name: "SET", min_params: 2, access: Owner, run: settings::set,
        help: ("EMAIL address|* | ALWAYS-ON ON|OFF|DEFAULT", "Changes a setting of your account.") },
    ServiceCommand { name: "SUSPEND", min_params: 1, access: Oper(Accounts), run: operators::suspend,
        help: ("account [duration] [reason]", "Closes an account and disconnects its sessions; 12h and 7d are durations. For IRC operators.") },
    ServiceCommand { name: "UNSUSPEND", min_params: 1, access: Oper(Accounts), run: operators::unsuspend,
        help: ("account", "Opens a suspended account again. For IRC operators.") },
];

/// `NS command...` and `NICKSERV command...`
#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn ns(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    SERVICE.hear(cx, &message.params.join(" "));
    Ok(())
}

fn help(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    SERVICE.help(cx, params.first().copied())
}

fn say(cx: &mut Context<'_>, text: &str) {
    SERVICE.say(cx, text);
}

/// The account the client is logged in to.
fn own_account(cx: &Context<'_>) -> Result<AccountName, String> {
    let login = cx.client.session.login();
    login.map(|login| login.account).ok_or_else(|| "You are not logged in".to_owned())
}

/// What somebody is told whose change was not stored.
fn not_stored(error: &StoreError) -> String {
    match error {
        StoreError::Exists => "This name is taken".to_owned(),
        StoreError::Missing => "There is no such account".to_owned(),
        StoreError::Conflict => "Somebody else is changing this account, try again".to_owned(),
        error => unavailable(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(COMMANDS.is_sorted_by(|one, next| one.name < next.name));
    }
}
