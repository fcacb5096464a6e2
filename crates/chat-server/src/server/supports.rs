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

/// Every token, in groups that fit a line.
pub(super) fn isupport(config: &Config) -> Vec<Vec<String>> {
    isupport::lines(&tokens(config))
}

/// What is different from what clients were told before, in groups that fit a line.
pub(super) fn changes(before: &Config, after: &Config) -> Vec<Vec<String>> {
    let (before, after) = (tokens(before), tokens(after));
    let is_gone = |token: &&Token| after.iter().all(|other| other.name != token.name);
    let gone = before.iter().filter(is_gone).map(|token| Token::flag(&format!("-{}", token.name)));
    let changed = after.iter().filter(|token| !before.contains(token)).cloned();
    isupport::lines(&changed.chain(gone).collect::<Vec<_>>())
}

fn tokens(config: &Config) -> Vec<Token> {
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
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_new_values_and_tokens_that_are_gone() {
        let (before, mut after) = (Config::default(), Config::default());
        assert!(changes(&before, &after).is_empty());
        after.history.enabled = false;
        after.limits.targets_max = 7;
        after.limits.topic_bytes_max = 60;
        let told = changes(&before, &after).concat();
        assert!(told[0].starts_with("TARGMAX=") && told[0].contains("PRIVMSG:7"));
        assert_eq!(told[1..], ["TOPICLEN=60", "-CHATHISTORY", "-MSGREFTYPES"]);
    }
}
