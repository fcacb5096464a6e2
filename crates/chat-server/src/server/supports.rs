//! What the server tells clients that it supports. Modern IRC, "RPL_ISUPPORT Parameters".

use chat_protocol::isupport::{self, Token};
use chat_protocol::{Membership, casemapping, name};

use crate::config::Config;
use crate::state::list_mask::EXTBAN;
use crate::state::room_modes;

/// Mode changes with an argument in one MODE.
pub(crate) const MODES_MAX: usize = 10;
/// The most characters of a room's key.
pub(crate) const KEY_CHARS_MAX: usize = 32;

pub(super) fn isupport(config: &Config) -> Vec<Vec<String>> {
    let limits = &config.limits;
    let letters: String = Membership::ALL.into_iter().map(Membership::mode).collect();
    let prefixes: String = Membership::ALL.into_iter().map(Membership::prefix).collect();
    let targets = limits.targets_max;
    let mut tokens = vec![
        Token::new("ACCOUNTEXTBAN", "a"),
        Token::new("AWAYLEN", limits.away_bytes_max),
        Token::new("BOT", "B"),
        Token::new("CASEMAPPING", casemapping::TOKEN),
        Token::new("CHANLIMIT", format!("#:{}", limits.rooms_per_user_max)),
        Token::new("CHANMODES", room_modes::chanmodes()),
        Token::new("CHANNELLEN", limits.channel_chars_max),
        Token::new("CHANTYPES", name::CHANNEL_PREFIX),
        Token::new("ELIST", "CMNTU"),
        Token::new("EXCEPTS", "e"),
        Token::new("EXTBAN", EXTBAN),
        Token::new("INVEX", "I"),
        Token::new("KEYLEN", KEY_CHARS_MAX),
        Token::new("KICKLEN", limits.reason_bytes_max),
        Token::new("LINELEN", limits.message_bytes_max),
        Token::new("MAXLIST", format!("beI:{}", limits.list_entries_max)),
        Token::new("MODES", MODES_MAX),
        Token::new("MONITOR", limits.monitor_max),
        Token::new("NAMELEN", limits.realname_bytes_max),
        Token::new("NETWORK", &config.server.network),
        Token::new("NICKLEN", limits.nickname_chars_max),
        Token::new("PREFIX", format!("({letters}){prefixes}")),
        Token::flag("SAFELIST"),
        Token::new("STATUSMSG", &prefixes),
        Token::new(
            "TARGMAX",
            format!(
                "INVITE:1,JOIN:,KICK:{targets},LIST:,NAMES:{targets},NOTICE:{targets},PART:,PRIVMSG:{targets},\
                 TAGMSG:{targets},USERHOST:5,WHOIS:1,WHOWAS:1"
            ),
        ),
        Token::new("TOPICLEN", limits.topic_bytes_max),
        Token::flag("UTF8ONLY"),
        Token::flag("WHOX"),
    ];
    if config.history.enabled {
        tokens.push(Token::new("CHATHISTORY", config.history.page_entries_max));
        tokens.push(Token::new("MSGREFTYPES", "msgid,timestamp"));
    }
    isupport::lines(&tokens)
}
