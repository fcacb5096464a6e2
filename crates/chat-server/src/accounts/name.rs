//! Names of accounts: nicknames, by the server's rules, that are no service's.

use chat_protocol::Nickname;
use chat_store::AccountName;

/// Who answers for accounts.
pub(crate) const NICKSERV: &str = "NickServ";
/// Who answers for rooms that last.
pub(crate) const CHANSERV: &str = "ChanServ";
/// Services: nobody can have their names.
const SERVICES: [&str; 2] = [NICKSERV, CHANSERV];
/// No name that exists has more bytes.
pub(crate) const NAME_BYTES_MAX: usize = 384;

/// Whether a name belongs to a service, in whatever case.
pub(crate) fn is_service(name: &str) -> bool {
    SERVICES.iter().any(|service| service.eq_ignore_ascii_case(name))
}

/// A name for a new account of at most `chars_max` characters. The error says what is wrong.
pub(crate) fn parse(text: &str, chars_max: usize) -> Result<AccountName, String> {
    let nickname = Nickname::parse(text, chars_max).map_err(|error| error.to_string())?;
    if is_service(nickname.as_str()) {
        return Err("it is the name of a service".to_owned());
    }
    Ok(AccountName::new(nickname.as_str()))
}

/// A name somebody gives for an account that may be there, composed as names are.
pub(crate) fn given(text: &str) -> AccountName {
    let nickname = Nickname::parse(text, NAME_BYTES_MAX);
    nickname.map_or_else(|_| AccountName::new(text), |nickname| AccountName::new(nickname.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_nicknames_of_nobody() {
        assert_eq!(parse("小明", 32).unwrap().as_str(), "小明");
        for wrong in ["", "1a", "a b", "nickserv", "CHANSERV", "*"] {
            assert!(parse(wrong, 32).is_err(), "{wrong}");
        }
        assert!(parse("abc", 2).is_err());
        assert_eq!(given("cafe\u{301}"), given("CAF\u{e9}"));
        assert_eq!(given("no name").as_str(), "no name");
    }
}
