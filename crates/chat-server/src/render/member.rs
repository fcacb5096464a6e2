//! Members as they are named to others.

use chat_protocol::{Capability, CapabilitySet};

use crate::state::room::Member;

/// A member as RPL_NAMREPLY names it; nothing if who asks may not know of it.
pub(crate) fn member_name(
    member: &Member,
    to_member: bool,
    capabilities: CapabilitySet,
) -> Option<String> {
    let profile = member.user.profile();
    if profile.modes.invisible && !to_member {
        return None;
    }
    let all_prefixes = capabilities.contains(Capability::MultiPrefix);
    let mut name: String = member.status.prefixes(all_prefixes).collect();
    let with_host = capabilities.contains(Capability::UserhostInNames);
    name.push_str(if with_host { profile.source() } else { profile.nickname.as_str() });
    Some(name)
}
