//! The audit log: what operators and services have done.

use chat_protocol::Mask;

/// Something that was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditEntry {
    /// Counts the entries from 1, without a gap as long as none has expired. The store gives it.
    pub number: u64,
    /// When, in microseconds since the Unix epoch.
    pub time: u64,
    /// Who did it: `nickname!username@hostname`, or what else acts.
    pub actor: String,
    /// The account of who did it.
    pub account: Option<String>,
    /// The address of who did it.
    pub address: Option<String>,
    /// What was done: a command, with the service's name before it if it is one's.
    pub action: String,
    /// On whom or what.
    pub target: Option<String>,
    /// What else was said with the command.
    pub detail: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl AuditEntry {
    /// Somebody does something.
    pub fn new(time: u64, actor: &str, action: &str) -> Self {
        Self { time, actor: actor.to_owned(), action: action.to_owned(), ..Self::default() }
    }

    /// Does it to somebody or something.
    #[must_use]
    pub fn on(self, target: &str) -> Self {
        Self { target: Some(target.to_owned()), ..self }
    }

    /// Says more with it.
    #[must_use]
    pub fn with(self, detail: &str) -> Self {
        Self { detail: Some(detail.to_owned()).filter(|it| !it.is_empty()), ..self }
    }

    /// Says why.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()).filter(|it| !it.is_empty()), ..self }
    }
}

/// Which entries of the audit log. Masks are matched without regard to case.
#[derive(Debug, Clone)]
pub struct AuditQuery {
    /// Not before, in microseconds since the Unix epoch.
    pub since: u64,
    /// Before this.
    pub until: u64,
    /// The actor as a whole, or its nickname, account or address.
    pub who: Option<Mask>,
    /// Whether `who` is compared with addresses.
    pub by_address: bool,
    /// What was done.
    pub action: Option<Mask>,
    /// On whom or what; a source as a whole, or its nickname.
    pub target: Option<Mask>,
    /// At most so many, the newest.
    pub limit: usize,
}

impl Default for AuditQuery {
    /// Everything.
    fn default() -> Self {
        Self {
            since: 0,
            until: u64::MAX,
            who: None,
            by_address: true,
            action: None,
            target: None,
            limit: usize::MAX,
        }
    }
}

impl AuditQuery {
    /// Whether an entry is among those looked for.
    pub fn matches(&self, entry: &AuditEntry) -> bool {
        let address = entry.address.as_ref().filter(|_| self.by_address);
        let names = entry.account.iter().chain(address).map(String::as_str);
        let target = entry.target.as_deref();
        (self.since..self.until).contains(&entry.time)
            && is_one_of(self.who.as_ref(), with_nickname(&entry.actor).chain(names))
            && is_one_of(self.action.as_ref(), [entry.action.as_str()])
            && is_one_of(self.target.as_ref(), target.into_iter().flat_map(with_nickname))
    }
}

fn is_one_of<'n>(mask: Option<&Mask>, names: impl IntoIterator<Item = &'n str>) -> bool {
    mask.is_none_or(|mask| names.into_iter().any(|name| mask.matches(name)))
}

/// The name, and the nickname if it is a whole source.
fn with_nickname(name: &str) -> impl Iterator<Item = &str> {
    [name].into_iter().chain(name.split_once('!').map(|(nickname, _)| nickname))
}
