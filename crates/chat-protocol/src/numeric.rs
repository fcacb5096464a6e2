//! Numeric replies: one table of code, name and text. Modern IRC, "Numerics".

use std::fmt::Write;

/// A numeric reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Numeric {
    /// Three digits on the wire.
    pub code: u16,
    /// As the specifications call it.
    pub name: &'static str,
    /// The last parameter. `{}` stands for a value; empty where the reply has no text of its own.
    pub text: &'static str,
}

impl Numeric {
    /// The numeric of a command word, if this crate knows it.
    pub fn from_command(command: &str) -> Option<Self> {
        // A sign would be parsed too.
        let digits = command.len() == 3 && command.bytes().all(|byte| byte.is_ascii_digit());
        let code = command.parse().ok().filter(|_| digits)?;
        Self::ALL.iter().copied().find(|numeric| numeric.code == code)
    }

    /// The command word: three digits.
    pub fn command(self) -> String {
        format!("{:03}", self.code)
    }

    /// Whether it says that something was refused or went wrong.
    pub const fn is_error(self) -> bool {
        (self.code >= 400 && self.code < 600 && self.code != 524)
            || matches!(self.code, 902 | 904..=907)
    }

    /// The text with its `{}` replaced by `values`, one after the other.
    pub fn fill(self, values: &[&str]) -> String {
        let mut values = values.iter();
        let mut parts = self.text.split("{}");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let _ = write!(text, "{}{part}", values.next().copied().unwrap_or_default());
        }
        text
    }
}

macro_rules! numerics {
    ($($code:literal $name:ident $text:literal;)*) => {
        impl Numeric {
            /// Every numeric, in the order of the codes.
            pub const ALL: &[Self] = &[$($name),*];
        }

        $(
            #[doc = concat!("`", stringify!($code), "`: ", $text)]
            pub const $name: Numeric = Numeric { code: $code, name: stringify!($name), text: $text };
        )*
    };
}

numerics! {
    1 RPL_WELCOME "Welcome to {}, {}";
    2 RPL_YOURHOST "Your host is {}, running version {}";
    3 RPL_CREATED "This server was started {}";
    4 RPL_MYINFO "";
    5 RPL_ISUPPORT "are supported by this server";
    216 RPL_STATSKLINE "";
    219 RPL_ENDOFSTATS "End of list";
    221 RPL_UMODEIS "";
    225 RPL_STATSDLINE "";
    251 RPL_LUSERCLIENT "There are {} users and {} invisible on 1 server";
    252 RPL_LUSEROP "operator(s) online";
    253 RPL_LUSERUNKNOWN "unknown connection(s)";
    254 RPL_LUSERCHANNELS "channels formed";
    255 RPL_LUSERME "I have {} clients and 0 servers";
    263 RPL_TRYAGAIN "Please wait a while and try again";
    265 RPL_LOCALUSERS "Current local users {}, max {}";
    266 RPL_GLOBALUSERS "Current global users {}, max {}";
    276 RPL_WHOISCERTFP "has client certificate fingerprint {}";
    301 RPL_AWAY "";
    302 RPL_USERHOST "";
    303 RPL_ISON "";
    305 RPL_UNAWAY "You are no longer marked as being away";
    306 RPL_NOWAWAY "You have been marked as being away";
    311 RPL_WHOISUSER "";
    312 RPL_WHOISSERVER "";
    313 RPL_WHOISOPERATOR "is an IRC operator";
    314 RPL_WHOWASUSER "";
    315 RPL_ENDOFWHO "End of WHO list";
    317 RPL_WHOISIDLE "seconds idle, signon time";
    318 RPL_ENDOFWHOIS "End of WHOIS list";
    319 RPL_WHOISCHANNELS "";
    321 RPL_LISTSTART "Users  Name";
    322 RPL_LIST "";
    323 RPL_LISTEND "End of LIST";
    324 RPL_CHANNELMODEIS "";
    329 RPL_CREATIONTIME "";
    330 RPL_WHOISACCOUNT "is logged in as";
    331 RPL_NOTOPIC "No topic is set";
    332 RPL_TOPIC "";
    333 RPL_TOPICWHOTIME "";
    335 RPL_WHOISBOT "is a bot";
    336 RPL_INVITELIST "";
    337 RPL_ENDOFINVITELIST "End of INVITE list";
    338 RPL_WHOISACTUALLY "is actually using host";
    341 RPL_INVITING "";
    346 RPL_INVEXLIST "";
    347 RPL_ENDOFINVEXLIST "End of channel invite exception list";
    348 RPL_EXCEPTLIST "";
    349 RPL_ENDOFEXCEPTLIST "End of channel exception list";
    351 RPL_VERSION "";
    352 RPL_WHOREPLY "";
    353 RPL_NAMREPLY "";
    354 RPL_WHOSPCRPL "";
    366 RPL_ENDOFNAMES "End of NAMES list";
    367 RPL_BANLIST "";
    368 RPL_ENDOFBANLIST "End of channel ban list";
    369 RPL_ENDOFWHOWAS "End of WHOWAS";
    371 RPL_INFO "";
    372 RPL_MOTD "- {}";
    374 RPL_ENDOFINFO "End of INFO list";
    375 RPL_MOTDSTART "- {} message of the day - ";
    376 RPL_ENDOFMOTD "End of MOTD command";
    378 RPL_WHOISHOST "is connecting from {}";
    379 RPL_WHOISMODES "is using modes {}";
    381 RPL_YOUREOPER "You are now an IRC operator";
    382 RPL_REHASHING "Rehashing";
    391 RPL_TIME "";
    396 RPL_VISIBLEHOST "is now your displayed host";
    400 ERR_UNKNOWNERROR "";
    401 ERR_NOSUCHNICK "No such nick/channel";
    402 ERR_NOSUCHSERVER "No such server";
    403 ERR_NOSUCHCHANNEL "No such channel";
    404 ERR_CANNOTSENDTOCHAN "Cannot send to channel ({})";
    405 ERR_TOOMANYCHANNELS "You have joined too many channels";
    406 ERR_WASNOSUCHNICK "There was no such nickname";
    407 ERR_TOOMANYTARGETS "Too many targets: at most {}";
    409 ERR_NOORIGIN "No origin specified";
    410 ERR_INVALIDCAPCMD "Invalid CAP command";
    411 ERR_NORECIPIENT "No recipient given ({})";
    412 ERR_NOTEXTTOSEND "No text to send";
    417 ERR_INPUTTOOLONG "Input line was too long";
    421 ERR_UNKNOWNCOMMAND "Unknown command";
    422 ERR_NOMOTD "There is no message of the day";
    431 ERR_NONICKNAMEGIVEN "No nickname given";
    432 ERR_ERRONEUSNICKNAME "Erroneous nickname: {}";
    433 ERR_NICKNAMEINUSE "Nickname is already in use";
    438 ERR_NICKTOOFAST "Nickname change too fast, wait {} seconds";
    439 ERR_TARGETTOOFAST "Target change too fast, wait {} seconds";
    441 ERR_USERNOTINCHANNEL "They aren't on that channel";
    442 ERR_NOTONCHANNEL "You're not on that channel";
    443 ERR_USERONCHANNEL "is already on channel";
    447 ERR_NONICKCHANGE "You can't change your nickname now ({})";
    451 ERR_NOTREGISTERED "You have not registered";
    461 ERR_NEEDMOREPARAMS "Not enough parameters";
    462 ERR_ALREADYREGISTERED "You may not reregister";
    464 ERR_PASSWDMISMATCH "Password incorrect";
    465 ERR_YOUREBANNEDCREEP "You are banned from this server";
    468 ERR_INVALIDUSERNAME "Your username is not valid";
    471 ERR_CHANNELISFULL "Cannot join channel (+l): it is full";
    472 ERR_UNKNOWNMODE "is unknown mode char to me";
    473 ERR_INVITEONLYCHAN "Cannot join channel (+i): invited users only";
    474 ERR_BANNEDFROMCHAN "Cannot join channel (+b): you are banned";
    475 ERR_BADCHANNELKEY "Cannot join channel (+k): wrong key";
    476 ERR_BADCHANMASK "Bad channel name: {}";
    477 ERR_NEEDREGGEDNICK "Cannot join channel (+R): log in to an account first";
    478 ERR_BANLISTFULL "Channel list is full";
    480 ERR_THROTTLE "Cannot join channel (+j): too many join at present, try again later";
    481 ERR_NOPRIVILEGES "Permission Denied: you're not an IRC operator";
    482 ERR_CHANOPRIVSNEEDED "You're not a channel operator";
    483 ERR_CANTKILLSERVER "You can't kill a server";
    491 ERR_NOOPERHOST "No operator of that name may log in from your host";
    501 ERR_UMODEUNKNOWNFLAG "Unknown mode flag";
    502 ERR_USERSDONTMATCH "Can't change or view modes of other users";
    524 ERR_HELPNOTFOUND "No help available on this topic";
    525 ERR_INVALIDKEY "Key is not well-formed";
    671 RPL_WHOISSECURE "is using a secure connection";
    696 ERR_INVALIDMODEPARAM "{}";
    704 RPL_HELPSTART "";
    705 RPL_HELPTXT "";
    706 RPL_ENDOFHELP "";
    723 ERR_NOPRIVS "Insufficient oper privileges";
    730 RPL_MONONLINE "";
    731 RPL_MONOFFLINE "";
    732 RPL_MONLIST "";
    733 RPL_ENDOFMONLIST "End of MONITOR list";
    734 ERR_MONLISTFULL "Monitor list is full";
    900 RPL_LOGGEDIN "You are now logged in as {}";
    901 RPL_LOGGEDOUT "You are now logged out";
    902 ERR_NICKLOCKED "You can't log in to this account: {}";
    903 RPL_SASLSUCCESS "SASL authentication successful";
    904 ERR_SASLFAIL "SASL authentication failed";
    905 ERR_SASLTOOLONG "SASL message too long";
    906 ERR_SASLABORTED "SASL authentication aborted";
    907 ERR_SASLALREADY "You have already authenticated using SASL";
    908 RPL_SASLMECHS "are available SASL mechanisms";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_are_words_of_the_specifications() {
        assert!(Numeric::ALL.is_sorted_by(|one, next| one.code < next.code));
        for numeric in Numeric::ALL {
            assert!(
                numeric.name.starts_with("RPL_") || numeric.name.starts_with("ERR_"),
                "{}",
                numeric.name
            );
        }
    }

    #[test]
    fn numerics_are_found_by_their_command_word() {
        assert_eq!(Numeric::from_command("001"), Some(RPL_WELCOME));
        assert_eq!(RPL_WELCOME.command(), "001");
        assert_eq!(Numeric::from_command("1"), None);
        assert_eq!(Numeric::from_command("+01"), None);
        assert_eq!(Numeric::from_command("PRIVMSG"), None);
        assert!(ERR_NOSUCHNICK.is_error());
        assert!(!RPL_TOPIC.is_error());
    }

    #[test]
    fn templates_are_filled() {
        assert_eq!(RPL_WELCOME.fill(&["Test", "alice"]), "Welcome to Test, alice");
        assert_eq!(RPL_WELCOME.fill(&["Test"]), "Welcome to Test, ");
        assert_eq!(ERR_NOSUCHNICK.fill(&["x"]), "No such nick/channel");
    }
}
