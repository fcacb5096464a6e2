//! What lasts of a room that is registered: everything but who is in it. Changed by events only.

use std::sync::Arc;

use super::event::{Event, EventId, EventKind};
use super::list_mask::{Deed, ListMask, Subject};
use super::registration::{Registration, RegistrationChange};
use super::room_modes::{List, ModeChange, RoomModes};

/// A room as it is stored if it is registered. Times are in seconds since the Unix epoch, where they
/// are no events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// What was said before belongs to another room of the name.
    pub(crate) created: EventId,
    pub(crate) topic: Option<Topic>,
    /// When the topic was last set or removed, if ever.
    pub(crate) topic_changed: Option<u64>,
    pub(crate) modes: RoomModes,
    /// Who it belongs to; `None` if it goes with its last member.
    pub(crate) registration: Option<Registration>,
    pub(crate) bans: Vec<ListEntry>,
    pub(crate) excepts: Vec<ListEntry>,
    pub(crate) invexes: Vec<ListEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) text: String,
    /// The source of who set it.
    pub(crate) setter: Arc<str>,
    pub(crate) set_at: u64,
}

/// A mask in one of the room's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListEntry {
    pub(crate) mask: ListMask,
    pub(crate) setter: Arc<str>,
    pub(crate) set_at: u64,
}

impl ListEntry {
    /// Whether it still counts.
    pub(crate) fn holds(&self, now: u64) -> bool {
        self.mask.minutes().is_none_or(|minutes| now < self.set_at + u64::from(minutes) * 60)
    }
}

impl Settings {
    /// Those of a new room.
    pub(crate) fn new(created: EventId, registration: Option<Registration>) -> Self {
        Self {
            created,
            topic: None,
            topic_changed: None,
            modes: RoomModes::of_new_room(),
            registration,
            bans: Vec::new(),
            excepts: Vec::new(),
            invexes: Vec::new(),
        }
    }

    pub(crate) fn list(&self, list: List) -> &[ListEntry] {
        match list {
            List::Ban => &self.bans,
            List::Except => &self.excepts,
            List::Invex => &self.invexes,
        }
    }

    pub(crate) fn list_mut(&mut self, list: List) -> &mut Vec<ListEntry> {
        match list {
            List::Ban => &mut self.bans,
            List::Except => &mut self.excepts,
            List::Invex => &mut self.invexes,
        }
    }

    /// Whether some entry of a list means a user when it does something.
    pub(crate) fn listed(&self, list: List, deed: Deed, subject: &Subject, now: u64) -> bool {
        self.list(list).iter().any(|entry| entry.mask.matches(deed, subject) && entry.holds(now))
    }

    /// The changes that take away entries whose time is over.
    pub(crate) fn expired(&self, now: u64) -> Vec<ModeChange> {
        let of_list = |list| {
            let over = self.list(list).iter().filter(|entry| !entry.holds(now));
            over.map(move |entry| ModeChange::List {
                list,
                adding: false,
                mask: entry.mask.clone(),
            })
        };
        List::ALL.into_iter().flat_map(of_list).collect()
    }

    /// Whether the room belongs to nobody but the server.
    pub(crate) fn is_servers_own(&self) -> bool {
        self.registration.as_ref().is_some_and(|registration| registration.founder.is_none())
    }

    /// Whether an event changes anything here.
    pub(crate) fn are_changed_by(kind: &EventKind) -> bool {
        match kind {
            EventKind::TopicSet { .. } | EventKind::RegistrationChanged(_) => true,
            EventKind::ModesChanged { changes, .. } => {
                changes.iter().any(|change| !matches!(change, ModeChange::Status { .. }))
            }
            _ => false,
        }
    }

    /// Makes the settings what the event says.
    pub(crate) fn apply(&mut self, event: &Event) {
        match &event.kind {
            EventKind::TopicSet { text, .. } => {
                let (setter, set_at) = (event.source.clone(), event.id.seconds());
                self.topic_changed = Some(set_at);
                self.topic =
                    (!text.is_empty()).then(|| Topic { text: text.clone(), setter, set_at });
            }
            EventKind::ModesChanged { changes, .. } => {
                changes.iter().for_each(|change| self.change_mode(change, event));
            }
            EventKind::RegistrationChanged(change) => self.change_registration(change, event),
            _ => {}
        }
    }

    fn change_mode(&mut self, change: &ModeChange, event: &Event) {
        let ModeChange::List { list, adding, mask } = change else {
            return self.modes.change(change);
        };
        let entries = self.list_mut(*list);
        entries.retain(|entry| entry.mask != *mask);
        if *adding {
            let (setter, set_at) = (event.source.clone(), event.id.seconds());
            entries.push(ListEntry { mask: mask.clone(), setter, set_at });
        }
    }

    fn change_registration(&mut self, change: &RegistrationChange, event: &Event) {
        match change {
            RegistrationChange::Registered { founder } => {
                self.registration = Some(Registration::new(founder.clone(), event.id));
            }
            RegistrationChange::Dropped => self.registration = None,
            change => {
                if let Some(registration) = &mut self.registration {
                    registration.apply(change, event);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::event::EventId;

    const MINUTE: u64 = 60_000_000;

    fn modes(settings: &mut Settings, at: u64, mask: &str, adding: bool) {
        let mask = ListMask::parse(mask).unwrap();
        let changes = vec![ModeChange::List { list: List::Ban, adding, mask }];
        let kind = EventKind::ModesChanged { room: "#x".into(), changes };
        let (id, source) = (EventId(at), "a!b@c".into());
        settings.apply(&Event { id, source, account: None, is_bot: false, kind });
    }

    #[test]
    fn a_ban_with_an_end_is_over_when_it_says() {
        let mut settings = Settings::new(EventId(0), None);
        modes(&mut settings, 100 * MINUTE, "~t:5:bob", true);
        modes(&mut settings, 100 * MINUTE, "eve", true);
        let bob = Subject::new("bob!u@h", None);
        let banned = |settings: &Settings, minute: u64| {
            settings.listed(List::Ban, Deed::Join, &bob, minute * 60)
        };
        assert!(banned(&settings, 100) && banned(&settings, 104));
        assert!(!banned(&settings, 105));
        assert!(settings.expired(104 * 60).is_empty());
        let expired = settings.expired(105 * 60);
        assert_eq!(ModeChange::wire(&expired), ("-b".into(), vec!["~t:5:bob!*@*".into()]));
        // Set again, it lasts from then.
        modes(&mut settings, 104 * MINUTE, "~t:5:BOB", true);
        assert_eq!(settings.bans.len(), 2);
        assert!(banned(&settings, 108));
        modes(&mut settings, 108 * MINUTE, "~t:5:bob", false);
        assert!(!banned(&settings, 108));
    }

    #[test]
    fn statuses_are_not_among_what_lasts() {
        let changes = vec![ModeChange::Key(None)];
        let lasting = EventKind::ModesChanged { room: "#x".into(), changes };
        assert!(Settings::are_changed_by(&lasting));
        let changes = Vec::new();
        assert!(!Settings::are_changed_by(&EventKind::ModesChanged { room: "#x".into(), changes }));
        assert!(!Settings::are_changed_by(&EventKind::Quit { reason: String::new() }));
    }
}
