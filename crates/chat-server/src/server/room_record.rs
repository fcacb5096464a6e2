//! A registered room as it is stored: its name, its founder, and everything else as JSON.
//!
//! What a later version adds is skipped; a version that means something else by what is there has a
//! greater [`VERSION`], and is not read.

use std::collections::BTreeMap;

use chat_protocol::{ChannelName, Membership};
use chat_store::{AccountName, RoomRecord};
use serde::{Deserialize, Serialize};

use crate::state::event::EventId;
use crate::state::list_mask::ListMask;
use crate::state::registration::{Access, Registration};
use crate::state::room_modes::{Flag, List, RoomModes};
use crate::state::settings::{ListEntry, Settings, Topic};
use crate::state::visible::Visible;

/// Grows when what was written before can no longer be read as it stands.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    created: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<WrittenTopic>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic_changed: Option<u64>,
    /// The letters of the modes without an argument.
    #[serde(default)]
    modes: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// The arguments of the modes `f` and `j`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line_flood: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    join_flood: Option<String>,
    /// By the letter of the list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    lists: BTreeMap<char, Vec<WrittenEntry>>,
    /// Microseconds since the Unix epoch.
    registered: u64,
    /// The founder as it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    founder: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offered_to: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    access: Vec<WrittenAccess>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<bool>,
    /// As in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visible: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keep_days: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keep_entries: Option<u64>,
    #[serde(default = "yes")]
    keeps_topic: bool,
}

#[derive(Serialize, Deserialize)]
struct WrittenTopic {
    text: String,
    setter: String,
    set_at: u64,
}

#[derive(Serialize, Deserialize)]
struct WrittenEntry {
    mask: String,
    setter: String,
    set_at: u64,
}

#[derive(Serialize, Deserialize)]
struct WrittenAccess {
    account: String,
    /// The letter of the mode.
    role: char,
    by: String,
    set_at: u64,
}

const fn yes() -> bool {
    true
}

/// What is stored of a room; nothing if it is not registered.
pub(super) fn write(name: &ChannelName, settings: &Settings) -> Option<RoomRecord> {
    let registration = settings.registration.as_ref()?;
    let written = Written {
        version: VERSION,
        created: settings.created.0,
        topic: settings.topic.as_ref().map(|topic| WrittenTopic {
            text: topic.text.clone(),
            setter: topic.setter.to_string(),
            set_at: topic.set_at,
        }),
        topic_changed: settings.topic_changed,
        modes: Flag::ALL
            .into_iter()
            .filter(|flag| settings.modes.has(*flag))
            .map(Flag::mode)
            .collect(),
        key: settings.modes.key.clone(),
        limit: settings.modes.limit,
        line_flood: settings.modes.line_flood.map(|flood| flood.to_string()),
        join_flood: settings.modes.join_flood.map(|flood| flood.to_string()),
        lists: List::ALL.into_iter().map(|list| (list.mode(), entries(settings, list))).collect(),
        registered: registration.since.0,
        founder: registration.founder.as_ref().map(AccountName::to_string),
        offered_to: registration.offered_to.as_ref().map(AccountName::to_string),
        access: registration.access.values().map(written_access).collect(),
        description: registration.description.clone(),
        history: registration.history,
        visible: registration.visible.map(|visible| visible.name().to_owned()),
        keep_days: registration.keep_days,
        keep_entries: registration.keep_entries,
        keeps_topic: registration.keeps_topic,
    };
    Some(RoomRecord {
        key: name.key().as_str().to_owned(),
        name: name.as_str().to_owned(),
        founder: registration.founder.as_ref().map(|founder| founder.key().to_owned()),
        settings: serde_json::to_string(&written).expect("texts and numbers are JSON"),
    })
}

/// What was stored of a room. The error says what is wrong with it.
pub(super) fn read(record: &RoomRecord) -> Result<(ChannelName, Settings), String> {
    // Names were checked when they were given; a limit set since then does not undo them.
    let name = ChannelName::parse(&record.name, usize::MAX).map_err(|error| error.to_string())?;
    let written: Written =
        serde_json::from_str(&record.settings).map_err(|error| error.to_string())?;
    if written.version > VERSION {
        return Err("it was stored by a newer version of the server".to_owned());
    }
    let mut settings = Settings::new(EventId(written.created), None);
    settings.modes = RoomModes::default();
    written
        .modes
        .chars()
        .filter_map(Flag::from_mode)
        .for_each(|flag| settings.modes.set(flag, true));
    (settings.modes.key, settings.modes.limit) = (written.key.clone(), written.limit);
    settings.modes.line_flood = written.line_flood.as_deref().and_then(|text| text.parse().ok());
    settings.modes.join_flood = written.join_flood.as_deref().and_then(|text| text.parse().ok());
    for list in List::ALL {
        let entries = written.lists.get(&list.mode()).into_iter().flatten();
        *settings.list_mut(list) = entries.filter_map(read_entry).collect();
    }
    settings.topic_changed = written.topic_changed;
    settings.topic = written.topic.as_ref().filter(|_| written.keeps_topic).map(|topic| Topic {
        text: topic.text.clone(),
        setter: topic.setter.as_str().into(),
        set_at: topic.set_at,
    });
    settings.registration = Some(read_registration(record, &written));
    Ok((name, settings))
}

/// The store knows who the founder is, even after the account was renamed.
fn read_registration(record: &RoomRecord, written: &Written) -> Registration {
    let shown = written.founder.as_deref().map(AccountName::new);
    let founder = record.founder.as_deref().map(|key| match shown {
        Some(shown) if shown.key() == key => shown,
        _ => AccountName::new(key),
    });
    let mut registration = Registration::new(founder, EventId(written.registered));
    registration.offered_to = written.offered_to.as_deref().map(AccountName::new);
    registration.access = written.access.iter().filter_map(read_access).collect();
    registration.description.clone_from(&written.description);
    registration.history = written.history;
    registration.visible = written.visible.as_deref().and_then(Visible::from_name);
    (registration.keep_days, registration.keep_entries) = (written.keep_days, written.keep_entries);
    registration.keeps_topic = written.keeps_topic;
    registration
}

fn entries(settings: &Settings, list: List) -> Vec<WrittenEntry> {
    let entry = |entry: &ListEntry| WrittenEntry {
        mask: entry.mask.as_str().to_owned(),
        setter: entry.setter.to_string(),
        set_at: entry.set_at,
    };
    settings.list(list).iter().map(entry).collect()
}

fn read_entry(entry: &WrittenEntry) -> Option<ListEntry> {
    let mask = ListMask::parse(&entry.mask)?;
    Some(ListEntry { mask, setter: entry.setter.as_str().into(), set_at: entry.set_at })
}

fn written_access(access: &Access) -> WrittenAccess {
    WrittenAccess {
        account: access.account.to_string(),
        role: access.status.mode(),
        by: access.by.to_string(),
        set_at: access.set_at,
    }
}

fn read_access(written: &WrittenAccess) -> Option<(String, Access)> {
    let account = AccountName::new(&written.account);
    let status = Membership::from_mode(written.role)?;
    let key = account.key().to_owned();
    Some((key, Access { account, status, by: written.by.as_str().into(), set_at: written.set_at }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name() -> ChannelName {
        ChannelName::parse("#聊天室", 64).unwrap()
    }

    fn record(settings: &str) -> RoomRecord {
        let (key, name) = ("#x".to_owned(), "#X".to_owned());
        RoomRecord { key, name, founder: Some("alice".into()), settings: settings.into() }
    }

    prop_compose! {
        fn any_settings()(
            created in any::<u64>(),
            topic in proptest::option::of(".*"),
            key in proptest::option::of("[a-z小]{1,9}"),
            limit in proptest::option::of(any::<u32>()),
            line_flood in proptest::option::of("[*~]?[1-9]:[1-9][0-9]?"),
            join_flood in proptest::option::of("[1-9]:[1-9][0-9]?"),
            flags in proptest::sample::subsequence(Flag::ALL.to_vec(), 0..=7),
            masks in proptest::collection::vec("(~t:[1-9]:)?(~m:)?(~a:)?[a-z小明*]{1,9}", 0..5),
            founder in proptest::option::of("[A-Z]{1,9}"),
            roles in proptest::collection::btree_map("[a-z]{1,9}", proptest::sample::select(Membership::ALL.to_vec()), 0..5),
            history in proptest::option::of(any::<bool>()),
            visible in proptest::option::of(proptest::sample::select(Visible::ALL.to_vec())),
            keep in any::<(Option<u64>, Option<u64>)>(),
            description in proptest::option::of(".*"),
        ) -> Settings {
            let account = |name: &String| AccountName::new(name);
            let mut registration = Registration::new(founder.as_ref().map(account), EventId(created));
            (registration.history, registration.description) = (history, description);
            registration.visible = visible.map(|(visible, _)| visible);
            (registration.keep_days, registration.keep_entries) = keep;
            for (name, status) in &roles {
                let access = Access { account: account(name), status: *status, by: "x".into(), set_at: 7 };
                registration.access.insert(name.clone(), access);
            }
            let mut settings = Settings::new(EventId(created), Some(registration));
            settings.topic = topic.map(|text| Topic { text, setter: "a!b@c".into(), set_at: created });
            settings.topic_changed = limit.map(u64::from);
            settings.modes = RoomModes::default();
            flags.into_iter().for_each(|flag| settings.modes.set(flag, true));
            (settings.modes.key, settings.modes.limit) = (key, limit);
            settings.modes.line_flood = line_flood.map(|text| text.parse().unwrap());
            settings.modes.join_flood = join_flood.map(|text| text.parse().unwrap());
            for (list, mask) in List::ALL.into_iter().cycle().zip(&masks) {
                let mask = ListMask::parse(mask).unwrap();
                settings.list_mut(list).push(ListEntry { mask, setter: "o".into(), set_at: created });
            }
            settings
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(settings in any_settings()) {
            let record = write(&name(), &settings).unwrap();
            let (read_name, read) = read(&record).unwrap();
            prop_assert_eq!(read_name, name());
            prop_assert_eq!(read, settings);
        }

        #[test]
        fn damaged_text_is_an_error_and_no_more(text in ".*") {
            let _ = read(&record(&text));
        }
    }

    #[test]
    fn what_another_version_wrote_is_read_as_far_as_it_is_known() {
        let least = r#"{"version":1,"created":5,"registered":6}"#;
        let (name, settings) = read(&record(least)).unwrap();
        assert_eq!((name.as_str(), settings.created), ("#X", EventId(5)));
        let registration = settings.registration.unwrap();
        assert_eq!(registration.founder, Some(AccountName::new("Alice")));
        assert!(registration.keeps_topic);
        let more = r#"{"version":1,"created":5,"registered":6,"modes":"nZ","colour":{"a":[1]},
            "lists":{"b":[{"mask":"~t:0:x","setter":"o","set_at":1}],"Z":[]},
            "access":[{"account":"bob","role":"Z","by":"o","set_at":1}]}"#;
        let (_, settings) = read(&record(more)).unwrap();
        assert_eq!(settings.modes.wire(true).0, "+n");
        assert!(settings.bans.is_empty() && settings.registration.unwrap().access.is_empty());
    }

    #[test]
    fn what_cannot_be_understood_is_not_read() {
        for wrong in ["", "{}", "[]", r#"{"version":2,"created":5,"registered":6}"#] {
            assert!(read(&record(wrong)).is_err(), "{wrong}");
        }
        assert!(read(&RoomRecord { name: "x".into(), ..record("{}") }).is_err());
        assert_eq!(write(&name(), &Settings::new(EventId(1), None)), None);
    }
}
