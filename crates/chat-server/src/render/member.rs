//! Members as they are named to others.

use std::sync::Arc;

use chat_protocol::{Capability, CapabilitySet};

use crate::state::room::Member;

/// What a member is called. Most have no status, and nothing is copied.
pub(crate) enum MemberName {
    Plain(Arc<str>),
    Prefixed(String),
}

impl AsRef<str> for MemberName {
    fn as_ref(&self) -> &str {
        match self {
            Self::Plain(name) => name,
            Self::Prefixed(name) => name,
        }
    }
}

/// A member as RPL_NAMREPLY names it; nothing if who asks may not know of it.
pub(crate) fn member_name(
    member: &Member,
    to_member: bool,
    capabilities: CapabilitySet,
) -> Option<MemberName> {
    let profile = member.user.profile();
    if profile.modes.invisible && !to_member {
        return None;
    }
    let with_host = capabilities.contains(Capability::UserhostInNames);
    let name = if with_host { profile.source().clone() } else { profile.nickname.to_arc() };
    drop(profile);
    if member.status.highest().is_none() {
        return Some(MemberName::Plain(name));
    }
    let all_prefixes = capabilities.contains(Capability::MultiPrefix);
    let mut prefixed: String = member.status.prefixes(all_prefixes).collect();
    prefixed.push_str(&name);
    Some(MemberName::Prefixed(prefixed))
}
