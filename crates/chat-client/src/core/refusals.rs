//! Standard replies as sentences. IRCv3, "Standard Replies": `FAIL command code [context…]
//! :description`.

use super::sentences::fill;

/// The command, the code and the sentence: `{1}` is the first of the context, `{*}` the description.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("*", "ACCOUNT_REQUIRED", "The server lets in only who has an account: --account NAME"),
    ("PRIVMSG", "ACCOUNT_REQUIRED", "Only who is logged in may speak there: /login ACCOUNT"),
    ("JOIN", "ACCOUNT_REQUIRED", "Only who is logged in may join: /login ACCOUNT"),
    ("REGISTER", "ACCOUNT_EXISTS", "There is an account {1} already."),
    ("REGISTER", "BAD_ACCOUNT_NAME", "{1} can't be an account's name: {*}"),
    ("REGISTER", "ACCOUNT_NAME_MUST_BE_NICK", "An account has your name. First: /nick {1}"),
    ("REGISTER", "ALREADY_AUTHENTICATED", "You are logged in already, as {1}."),
    ("REGISTER", "WEAK_PASSWORD", "That password is too easy to guess: {*}"),
    ("REGISTER", "UNACCEPTABLE_PASSWORD", "That can't be a password: {*}"),
    ("REGISTER", "INVALID_EMAIL", "No mail can be sent to that address."),
    ("REGISTER", "UNACCEPTABLE_EMAIL", "That address of mail can't be used: {*}"),
    ("REGISTER", "TEMPORARILY_UNAVAILABLE", "No account can be made now: {*}"),
    ("VERIFY", "INVALID_CODE", "That code is not taken: {*}"),
    ("VERIFY", "ALREADY_AUTHENTICATED", "You are logged in already, as {1}."),
    ("VERIFY", "TEMPORARILY_UNAVAILABLE", "That can't be done now: {*}"),
    ("CHATHISTORY", "INVALID_TARGET", "There is no history of {2} for you."),
    ("CHATHISTORY", "MESSAGE_ERROR", "The history of {2} can't be read now: {*}"),
    ("SEARCH", "INVALID_PARAMS", "The server does not understand that search: {*}"),
    ("SEARCH", "INTERNAL_ERROR", "The search could not be done: {*}"),
];

/// What a `FAIL` says. One that is not in the table says its context and its description.
pub(super) fn refusal(command: &str, code: &str, context: &[&str], description: &str) -> String {
    let is_known = |row: &&(&str, &str, &str)| row.0 == command && row.1 == code;
    if let Some((_, _, template)) = REFUSALS.iter().find(is_known) {
        let params: Vec<&str> =
            [code].into_iter().chain(context.iter().copied()).chain([description]).collect();
        return fill(template, &params);
    }
    about(context, description)
}

/// The context and the description.
pub(super) fn about(context: &[&str], description: &str) -> String {
    if context.is_empty() {
        return description.to_owned();
    }
    format!("{}: {description}", context.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_are_sentences() {
        assert_eq!(
            refusal("REGISTER", "ACCOUNT_EXISTS", &["alice"], "Account already exists"),
            "There is an account alice already."
        );
        assert_eq!(
            refusal("CHATHISTORY", "MESSAGE_ERROR", &["BEFORE", "#a"], "Disk"),
            "The history of #a can't be read now: Disk"
        );
        assert_eq!(refusal("VERIFY", "INVALID_CODE", &[], "Old"), "That code is not taken: Old");
    }

    #[test]
    fn others_say_what_they_carry() {
        assert_eq!(refusal("PRIVMSG", "TOO_FAST", &["#a"], "Slow down"), "#a: Slow down");
        assert_eq!(refusal("X", "Y", &[], "Odd"), "Odd");
    }
}
