//! The commands: one row here, one file beside.

mod context;
mod cost;
mod line;
mod reply;

mod arrival;
mod audit;
mod authenticate;
mod away;
mod banning;
mod cap;
mod chanserv;
mod chathistory;
mod dline;
mod help;
mod info;
mod invite;
mod ison;
mod join;
mod kick;
mod kill;
mod kline;
mod list;
mod login;
mod lusers;
mod markread;
mod message;
mod mode;
mod mode_asking;
mod mode_room;
mod mode_user;
mod monitor;
mod motd;
mod names;
mod nick;
mod nickserv;
mod oper;
mod part;
mod pass;
mod pending;
mod ping;
mod playback;
mod quit;
mod redact;
mod reference;
mod register;
mod registration;
mod rehash;
mod rename;
mod search;
mod service;
mod setname;
mod time;
mod topic;
mod user;
mod userhost;
mod version;
mod wallops;
mod webirc;
mod who;
mod whois;
mod whowas;

use chat_protocol::Message;

pub(crate) use context::{Client, Context};
pub(crate) use cost::cost;
use cost::{Cost, each, lines};
pub(crate) use line::handle_line;
pub(crate) use rehash::reload;
pub(crate) use reply::Reply;

/// When a command is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before and after registration.
    Any,
    /// After registration.
    Registered,
}

/// A row of [`COMMANDS`].
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) min_params: usize,
    pub(crate) phase: Phase,
    /// How much of a client's pace it takes.
    cost: Cost,
    /// What HELP says: the parameters, then what it does.
    pub(crate) help: (&'static str, &'static str),
    pub(crate) run: fn(&mut Context<'_>, &Message<'_>) -> Outcome,
}

/// An error is the reply that is sent.
pub(crate) type Outcome = Result<(), Reply>;

use Phase::{Any, Registered};

/// Every command, in the order of the names.
#[rustfmt::skip]
pub(crate) static COMMANDS: &[Command] = &[
    Command { name: "AUDIT", min_params: 0, phase: Registered, cost: lines(1), run: audit::audit,
        help: ("[who=mask] [action=mask] [on=mask] [since=time] [until=time] [limit=n]", "Shows what operators and services have done; 7d and 2026-05-31 are times, _ stands for a space. For IRC operators.") },
    Command { name: "AUTHENTICATE", min_params: 1, phase: Any, cost: lines(3), run: authenticate::authenticate,
        help: ("mechanism|response|*", "Logs you in to your account by SASL.") },
    Command { name: "AWAY", min_params: 0, phase: Registered, cost: lines(1), run: away::away,
        help: ("[text]", "Marks you as away; without a text, as back.") },
    Command { name: "CAP", min_params: 1, phase: Any, cost: lines(1), run: cap::cap,
        help: ("LS|LIST|REQ|END [params]", "Negotiates capabilities.") },
    Command { name: "CHANSERV", min_params: 0, phase: Registered, cost: lines(1), run: chanserv::cs,
        help: ("command [params]", "Speaks to ChanServ, which is about rooms that last. CHANSERV HELP lists its commands.") },
    Command { name: "CHATHISTORY", min_params: 1, phase: Registered, cost: lines(4), run: chathistory::chathistory,
        help: ("LATEST|BEFORE|AFTER|AROUND|BETWEEN target references limit", "Shows what was said before.") },
    Command { name: "CS", min_params: 0, phase: Registered, cost: lines(1), run: chanserv::cs,
        help: ("command [params]", "The same as CHANSERV.") },
    Command { name: "DLINE", min_params: 0, phase: Registered, cost: lines(1), run: dline::dline,
        help: ("[[duration] address|network [reason]]", "Bans an address or a network from the server; 12h and 7d are durations. Alone, lists such bans. For IRC operators.") },
    Command { name: "HELP", min_params: 0, phase: Registered, cost: lines(1), run: help::help,
        help: ("[command]", "Lists the commands, or explains one.") },
    Command { name: "HELPOP", min_params: 0, phase: Registered, cost: lines(1), run: help::help,
        help: ("[command]", "The same as HELP.") },
    Command { name: "INFO", min_params: 0, phase: Registered, cost: lines(1), run: info::info,
        help: ("", "Says what this server is.") },
    Command { name: "INVITE", min_params: 0, phase: Registered, cost: lines(3), run: invite::invite,
        help: ("[nickname channel]", "Invites a user into a channel; without parameters, lists the invitations you have.") },
    Command { name: "ISON", min_params: 1, phase: Registered, cost: lines(1), run: ison::ison,
        help: ("nickname...", "Says which of these users are online.") },
    Command { name: "JOIN", min_params: 1, phase: Registered, cost: each(2, 0), run: join::join,
        help: ("channel[,channel...] [key[,key...]]", "Joins channels; JOIN 0 leaves all.") },
    Command { name: "KICK", min_params: 2, phase: Registered, cost: each(1, 1), run: kick::kick,
        help: ("channel nickname[,nickname...] [reason]", "Removes users from a channel.") },
    Command { name: "KILL", min_params: 1, phase: Registered, cost: lines(1), run: kill::kill,
        help: ("nickname [reason]", "Disconnects a user. For IRC operators.") },
    Command { name: "KLINE", min_params: 0, phase: Registered, cost: lines(1), run: kline::kline,
        help: ("[[duration] nickname!username@hostname|~a:account [reason]]", "Bans whom a mask means, or an account, from the server; 12h and 7d are durations. Alone, lists such bans. For IRC operators.") },
    Command { name: "LIST", min_params: 0, phase: Registered, cost: lines(8), run: list::list,
        help: ("[channel|condition,...]", "Lists channels. Conditions: >N and <N users, mask, !mask, C>N C<N minutes since creation, T>N T<N minutes since the topic changed.") },
    Command { name: "LUSERS", min_params: 0, phase: Registered, cost: lines(1), run: lusers::lusers,
        help: ("", "Says how many users and channels there are.") },
    Command { name: "MARKREAD", min_params: 0, phase: Registered, cost: lines(2), run: markread::markread,
        help: ("target [timestamp=time]", "Says, or shows, how far you have read.") },
    Command { name: "MODE", min_params: 1, phase: Registered, cost: lines(1), run: mode::mode,
        help: ("channel|nickname [modes [params...]]", "Shows or changes modes.") },
    Command { name: "MONITOR", min_params: 1, phase: Registered, cost: lines(2), run: monitor::monitor,
        help: ("+ nicknames | - nicknames | C | L | S", "Tells you when these users come and go.") },
    Command { name: "MOTD", min_params: 0, phase: Registered, cost: lines(1), run: motd::motd,
        help: ("", "Shows the message of the day.") },
    Command { name: "NAMES", min_params: 0, phase: Registered, cost: each(2, 0), run: names::names,
        help: ("channel[,channel...]", "Lists the members of channels.") },
    Command { name: "NICK", min_params: 0, phase: Any, cost: lines(4), run: nick::nick,
        help: ("nickname", "Sets or changes your nickname.") },
    Command { name: "NICKSERV", min_params: 0, phase: Registered, cost: lines(1), run: nickserv::ns,
        help: ("command [params]", "Speaks to NickServ, which is about accounts. NICKSERV HELP lists its commands.") },
    Command { name: "NOTICE", min_params: 0, phase: Registered, cost: each(1, 0), run: message::notice,
        help: ("target[,target...] text", "Sends a message that nothing answers by itself.") },
    Command { name: "NS", min_params: 0, phase: Registered, cost: lines(1), run: nickserv::ns,
        help: ("command [params]", "The same as NICKSERV.") },
    Command { name: "OPER", min_params: 2, phase: Registered, cost: lines(4), run: oper::oper,
        help: ("name password", "Makes you an IRC operator.") },
    Command { name: "PART", min_params: 1, phase: Registered, cost: each(1, 0), run: part::part,
        help: ("channel[,channel...] [reason]", "Leaves channels.") },
    Command { name: "PASS", min_params: 1, phase: Any, cost: lines(1), run: pass::pass,
        help: ("password", "Gives the server's password, before NICK and USER.") },
    Command { name: "PING", min_params: 0, phase: Any, cost: lines(1), run: ping::ping,
        help: ("token", "Is answered by PONG with the token.") },
    Command { name: "PONG", min_params: 0, phase: Any, cost: lines(1), run: ping::pong,
        help: ("token", "Answers a PING.") },
    Command { name: "PRIVMSG", min_params: 0, phase: Registered, cost: each(1, 0), run: message::privmsg,
        help: ("target[,target...] text", "Sends a message to channels or users. @#channel reaches operators only.") },
    Command { name: "QUIT", min_params: 0, phase: Any, cost: lines(1), run: quit::quit,
        help: ("[reason]", "Disconnects you.") },
    Command { name: "REDACT", min_params: 2, phase: Registered, cost: lines(1), run: redact::redact,
        help: ("target msgid [reason]", "Deletes a message.") },
    Command { name: "REGISTER", min_params: 3, phase: Any, cost: lines(8), run: register::register,
        help: ("account|* email|* password", "Registers an account, by default of your nickname.") },
    Command { name: "REHASH", min_params: 0, phase: Registered, cost: lines(1), run: rehash::rehash,
        help: ("", "Reads the configuration again. For IRC operators.") },
    Command { name: "RENAME", min_params: 2, phase: Registered, cost: lines(4), run: rename::rename,
        help: ("channel newname [reason]", "Gives a channel another name.") },
    Command { name: "SEARCH", min_params: 1, phase: Registered, cost: lines(6), run: search::search,
        help: ("key=value;...", "Finds messages. Keys: in, from, text, after, before, limit.") },
    Command { name: "SETNAME", min_params: 1, phase: Registered, cost: lines(1), run: setname::setname,
        help: ("realname", "Changes your real name.") },
    Command { name: "TAGMSG", min_params: 0, phase: Registered, cost: each(1, 0), run: message::tagmsg,
        help: ("target[,target...]", "Sends message tags without a text.") },
    Command { name: "TIME", min_params: 0, phase: Registered, cost: lines(1), run: time::time,
        help: ("", "Shows the server's time.") },
    Command { name: "TOPIC", min_params: 1, phase: Registered, cost: lines(1), run: topic::topic,
        help: ("channel [text]", "Shows or sets a channel's topic.") },
    Command { name: "UNDLINE", min_params: 1, phase: Registered, cost: lines(1), run: dline::undline,
        help: ("address|network", "Lifts a ban that DLINE lists. For IRC operators.") },
    Command { name: "UNKLINE", min_params: 1, phase: Registered, cost: lines(1), run: kline::unkline,
        help: ("mask|~a:account", "Lifts a ban that KLINE lists. For IRC operators.") },
    Command { name: "USER", min_params: 4, phase: Any, cost: lines(1), run: user::user,
        help: ("username 0 * realname", "Says who you are when you connect.") },
    Command { name: "USERHOST", min_params: 1, phase: Registered, cost: lines(1), run: userhost::userhost,
        help: ("nickname...", "Shows the hosts of up to five users.") },
    Command { name: "VERIFY", min_params: 2, phase: Any, cost: lines(1), run: register::verify,
        help: ("account code", "Registers the account you asked for, with the code of an invitation.") },
    Command { name: "VERSION", min_params: 0, phase: Registered, cost: lines(1), run: version::version,
        help: ("", "Shows the server's version and what it supports.") },
    Command { name: "WALLOPS", min_params: 1, phase: Registered, cost: lines(1), run: wallops::wallops,
        help: ("text", "Sends a text to all users with mode +w. For IRC operators.") },
    Command { name: "WEBIRC", min_params: 4, phase: Any, cost: lines(1), run: webirc::webirc,
        help: ("password gateway hostname address [options]", "Says for whom a gateway speaks, before anything else.") },
    Command { name: "WHO", min_params: 0, phase: Registered, cost: lines(4), run: who::who,
        help: ("mask [o][%fields[,token]]", "Lists the users of a channel, or those who match a mask.") },
    Command { name: "WHOIS", min_params: 0, phase: Registered, cost: lines(1), run: whois::whois,
        help: ("nickname", "Shows what is known about a user.") },
    Command { name: "WHOWAS", min_params: 0, phase: Registered, cost: lines(2), run: whowas::whowas,
        help: ("nickname [count]", "Shows who had a nickname before.") },
];

/// The row of a command, in whatever case it is written.
pub(crate) fn find(name: &str) -> Option<&'static Command> {
    let upper_case = || name.bytes().map(|byte| byte.to_ascii_uppercase());
    let found = COMMANDS.binary_search_by(|command| command.name.bytes().cmp(upper_case()));
    found.ok().map(|at| &COMMANDS[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(COMMANDS.is_sorted_by(|one, next| one.name < next.name));
        assert!(find("privMSG").is_some_and(|command| command.name == "PRIVMSG"));
        assert!(find("NOSUCH").is_none());
    }
}
