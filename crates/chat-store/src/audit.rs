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

/// Which entries of the audit log. Masks are matched without regard to case.
#[derive(Debug, Clone)]
pub struct AuditQuery {
    /// Not before, in microseconds since the Unix epoch.
    pub since: u64,
    /// Before this.
    pub until: u64,
    /// The actor as a whole, or its nickname, account or address.
    pub who: Option<Mask>,
    /// What was done.
    pub action: Option<Mask>,
    /// On whom or what.
    pub target: Option<Mask>,
    /// At most so many, the newest.
    pub limit: usize,
}

impl Default for AuditQuery {
    /// Everything.
    fn default() -> Self {
        Self { since: 0, until: u64::MAX, who: None, action: None, target: None, limit: usize::MAX }
    }
}

impl AuditQuery {
    /// Whether an entry is among those looked for.
    pub fn matches(&self, entry: &AuditEntry) -> bool {
        let is_in_time = (self.since..self.until).contains(&entry.time);
        let is = |mask: &Option<Mask>, text: Option<&str>| {
            mask.as_ref().is_none_or(|mask| text.is_some_and(|text| mask.matches(text)))
        };
        let nickname = entry.actor.split('!').next();
        let (account, address) = (entry.account.as_deref(), entry.address.as_deref());
        is_in_time
            && [Some(entry.actor.as_str()), nickname, account, address]
                .into_iter()
                .any(|name| is(&self.who, name))
            && is(&self.action, Some(&entry.action))
            && is(&self.target, entry.target.as_deref())
    }
}
