//! What keeps one address, or one client, from using up what belongs to all.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;

use crate::limits::addresses::AddressLimits;
use crate::limits::bucket::Rate;
use crate::limits::prefixes::Prefixes;
use crate::state::paces::Action;

use super::checks;

/// Numbers are no limit where they are 0.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ThrottleConfig {
    /// Addresses without any of these limits.
    #[serde(deserialize_with = "checks::networks")]
    exempt: Vec<IpNet>,
    #[serde(deserialize_with = "checks::ipv4_prefix")]
    ipv4_prefix: u8,
    #[serde(deserialize_with = "checks::ipv6_prefix")]
    pub(super) ipv6_prefix: u8,
    connections_per_address_max: usize,
    unregistered_per_address_max: usize,
    unregistered_max: usize,
    new_connections_max: u32,
    #[serde(rename = "new_connections_window_seconds", deserialize_with = "checks::seconds")]
    new_connections_window: Duration,
    lines_burst: u32,
    lines_per_second: u32,
    #[serde(rename = "flood_seconds_max", deserialize_with = "checks::seconds")]
    pub(crate) flood: Duration,
    nickname_changes_burst: u32,
    #[serde(rename = "nickname_change_seconds", deserialize_with = "checks::seconds")]
    nickname_change: Duration,
    joins_burst: u32,
    #[serde(rename = "join_seconds", deserialize_with = "checks::seconds")]
    join: Duration,
    invitations_burst: u32,
    #[serde(rename = "invitation_seconds", deserialize_with = "checks::seconds")]
    invitation: Duration,
    direct_targets_burst: u32,
    #[serde(rename = "direct_target_seconds", deserialize_with = "checks::seconds")]
    direct_target: Duration,
}

impl ThrottleConfig {
    pub(crate) fn is_exempt(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.exempt.iter().any(|network| network.contains(&address))
    }

    /// What counts as one address.
    pub(crate) const fn prefixes(&self) -> Prefixes {
        Prefixes { ipv4: self.ipv4_prefix, ipv6: self.ipv6_prefix }
    }

    pub(crate) fn of_address(&self) -> AddressLimits {
        let new = Rate::within(self.new_connections_max, self.new_connections_window);
        AddressLimits {
            prefixes: self.prefixes(),
            connections_max: self.connections_per_address_max,
            unregistered_max: self.unregistered_per_address_max,
            new: (self.new_connections_max > 0).then_some(new),
            all_unregistered_max: self.unregistered_max,
        }
    }

    /// How fast a client may go on; no limit if there is none.
    pub(crate) fn of_lines(&self) -> Option<Rate> {
        let rate = Rate::new(self.lines_per_second, Duration::from_secs(1), self.lines_burst);
        (self.lines_per_second > 0).then_some(rate)
    }

    /// How often a user may do something; no limit if there is none.
    pub(crate) fn of_action(&self, action: Action) -> Option<Rate> {
        let (burst, time) = match action {
            Action::ChangeNickname => (self.nickname_changes_burst, self.nickname_change),
            Action::Join => (self.joins_burst, self.join),
            Action::Invite => (self.invitations_burst, self.invitation),
            Action::Address => (self.direct_targets_burst, self.direct_target),
        };
        (burst > 0).then(|| Rate::new(1, time, burst))
    }
}

impl Default for ThrottleConfig {
    fn default() -> Self {
        let loopback = ["127.0.0.0/8", "::1/128"];
        Self {
            exempt: loopback.map(|it| it.parse().expect("it is a network")).into(),
            ipv4_prefix: 32,
            ipv6_prefix: 64,
            connections_per_address_max: 50,
            unregistered_per_address_max: 20,
            unregistered_max: 2000,
            new_connections_max: 100,
            new_connections_window: Duration::from_secs(60),
            lines_burst: 60,
            lines_per_second: 10,
            flood: Duration::from_secs(120),
            nickname_changes_burst: 5,
            nickname_change: Duration::from_secs(20),
            joins_burst: 120,
            join: Duration::from_secs(5),
            invitations_burst: 10,
            invitation: Duration::from_secs(10),
            direct_targets_burst: 20,
            direct_target: Duration::from_secs(5),
        }
    }
}
