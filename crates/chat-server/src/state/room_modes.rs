//! The modes of a room, and changes of them. Modern IRC, "Channel Modes".

use chat_protocol::Membership;
use chat_protocol::mode::{self, Arity};

use super::list_mask::ListMask;
use super::room_flood::{Frequency, LineFlood};
use super::user::UserId;

/// The modes without an argument, and whether each is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flag {
    /// `C`: no CTCP but ACTION.
    NoCtcp,
    /// `R`: only who is logged in can join.
    RegisteredOnly,
    /// `i`: who is not invited can't join.
    InviteOnly,
    /// `m`: only members with a status speak.
    Moderated,
    /// `n`: only members speak.
    NoExternal,
    /// `s`: shown to members only.
    Secret,
    /// `t`: only half-operators and above set the topic.
    ProtectedTopic,
}

impl Flag {
    /// In the order of their letters.
    pub(crate) const ALL: [Self; 7] = [
        Self::NoCtcp,
        Self::RegisteredOnly,
        Self::InviteOnly,
        Self::Moderated,
        Self::NoExternal,
        Self::Secret,
        Self::ProtectedTopic,
    ];

    pub(crate) const fn mode(self) -> char {
        match self {
            Self::NoCtcp => 'C',
            Self::InviteOnly => 'i',
            Self::Moderated => 'm',
            Self::NoExternal => 'n',
            Self::RegisteredOnly => 'R',
            Self::Secret => 's',
            Self::ProtectedTopic => 't',
        }
    }

    pub(crate) fn from_mode(mode: char) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.mode() == mode)
    }
}

/// The lists of masks a room keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// `b`: can't join, and can't speak without a status.
    Ban,
    /// `e`: not banned after all.
    Except,
    /// `I`: may join without an invitation.
    Invex,
}

impl List {
    pub(crate) const ALL: [Self; 3] = [Self::Ban, Self::Except, Self::Invex];

    pub(crate) const fn mode(self) -> char {
        match self {
            Self::Ban => 'b',
            Self::Except => 'e',
            Self::Invex => 'I',
        }
    }

    pub(crate) const fn from_mode(mode: char) -> Option<Self> {
        match mode {
            'b' => Some(Self::Ban),
            'e' => Some(Self::Except),
            'I' => Some(Self::Invex),
            _ => None,
        }
    }
}

/// When a room's mode takes an argument; `None` for a letter that is no mode.
pub(crate) fn arity(mode: char) -> Option<Arity> {
    if List::from_mode(mode).is_some() {
        Some(Arity::List)
    } else if mode == 'k' || Membership::from_mode(mode).is_some() {
        Some(Arity::Always)
    } else if matches!(mode, 'f' | 'j' | 'l') {
        Some(Arity::WhenSet)
    } else {
        Flag::from_mode(mode).map(|_| Arity::Never)
    }
}

/// Every mode letter, and those that take an argument, for RPL_MYINFO.
pub(crate) fn letters() -> (String, String) {
    let all =
        ('A'..='Z').chain('a'..='z').filter_map(|mode| arity(mode).map(|arity| (mode, arity)));
    let with_argument = all.clone().filter(|(_, arity)| *arity != Arity::Never);
    (all.map(|(mode, _)| mode).collect(), with_argument.map(|(mode, _)| mode).collect())
}

/// The modes that are no membership, by when they take an argument, for CHANMODES in ISUPPORT.
pub(crate) fn chanmodes() -> String {
    let flags: String = Flag::ALL.into_iter().map(Flag::mode).collect();
    let lists: String = List::ALL.into_iter().map(List::mode).collect();
    format!("{lists},k,fjl,{flags}")
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModeChange {
    Flag {
        flag: Flag,
        on: bool,
    },
    Key(Option<String>),
    Limit(Option<u32>),
    /// How much one user says.
    LineFlood(Option<LineFlood>),
    /// How many join.
    JoinFlood(Option<Frequency>),
    List {
        list: List,
        adding: bool,
        mask: ListMask,
    },
    Status {
        status: Membership,
        adding: bool,
        user: UserId,
        nickname: String,
    },
}

impl ModeChange {
    /// Changes as a mode string and its arguments. A removed key is shown as `*`.
    pub(crate) fn wire(changes: &[Self]) -> (String, Vec<String>) {
        let args: Vec<Option<String>> = changes.iter().map(Self::arg).collect();
        let changes = changes.iter().zip(&args).map(|(change, arg)| {
            let (mode, adding) = change.mode();
            mode::ModeChange { adding, mode, arg: arg.as_deref() }
        });
        let (modes, args) = mode::format(changes);
        (modes, args.into_iter().map(str::to_owned).collect())
    }

    fn mode(&self) -> (char, bool) {
        match self {
            Self::Flag { flag, on } => (flag.mode(), *on),
            Self::Key(key) => ('k', key.is_some()),
            Self::Limit(limit) => ('l', limit.is_some()),
            Self::LineFlood(flood) => ('f', flood.is_some()),
            Self::JoinFlood(flood) => ('j', flood.is_some()),
            Self::List { list, adding, .. } => (list.mode(), *adding),
            Self::Status { status, adding, .. } => (status.mode(), *adding),
        }
    }

    fn arg(&self) -> Option<String> {
        match self {
            Self::Flag { .. } => None,
            Self::Key(key) => Some(key.clone().unwrap_or_else(|| "*".to_owned())),
            Self::Limit(limit) => limit.map(|limit| limit.to_string()),
            Self::LineFlood(flood) => flood.map(|flood| flood.to_string()),
            Self::JoinFlood(flood) => flood.map(|flood| flood.to_string()),
            Self::List { mask, .. } => Some(mask.as_str().to_owned()),
            Self::Status { nickname, .. } => Some(nickname.clone()),
        }
    }
}

/// The modes that are set: flags, and those with an argument.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RoomModes {
    flags: Vec<Flag>,
    pub(crate) key: Option<String>,
    pub(crate) limit: Option<u32>,
    pub(crate) line_flood: Option<LineFlood>,
    pub(crate) join_flood: Option<Frequency>,
}

impl RoomModes {
    /// What a new room has: `+nt`.
    pub(crate) fn of_new_room() -> Self {
        let flags = vec![Flag::NoExternal, Flag::ProtectedTopic];
        Self { flags, ..Self::default() }
    }

    pub(crate) fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    pub(crate) fn set(&mut self, flag: Flag, on: bool) {
        self.flags.retain(|&set| set != flag);
        if on {
            self.flags.push(flag);
            self.flags.sort_unstable();
        }
    }

    /// Makes a change; of lists and statuses nothing is known here.
    pub(crate) fn change(&mut self, change: &ModeChange) {
        match change {
            ModeChange::Flag { flag, on } => self.set(*flag, *on),
            ModeChange::Key(key) => self.key.clone_from(key),
            ModeChange::Limit(limit) => self.limit = *limit,
            ModeChange::LineFlood(flood) => self.line_flood = *flood,
            ModeChange::JoinFlood(flood) => self.join_flood = *flood,
            ModeChange::List { .. } | ModeChange::Status { .. } => {}
        }
    }

    /// As a mode string and its arguments. The key is shown as `*` to who may not know it.
    pub(crate) fn wire(&self, with_key: bool) -> (String, Vec<String>) {
        let mut changes: Vec<ModeChange> =
            self.flags.iter().map(|&flag| ModeChange::Flag { flag, on: true }).collect();
        if let Some(key) = &self.key {
            changes.push(ModeChange::Key(Some(if with_key {
                key.clone()
            } else {
                "*".to_owned()
            })));
        }
        changes.extend(self.limit.map(|limit| ModeChange::Limit(Some(limit))));
        changes.extend(self.line_flood.map(|flood| ModeChange::LineFlood(Some(flood))));
        changes.extend(self.join_flood.map(|flood| ModeChange::JoinFlood(Some(flood))));
        let (modes, args) = ModeChange::wire(&changes);
        (if modes.is_empty() { "+".to_owned() } else { modes }, args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_told_as_the_specifications_order_them() {
        assert_eq!(letters(), ("CIRabefhijklmnoqstv".into(), "Iabefhjkloqv".into()));
        assert_eq!(chanmodes(), "beI,k,fjl,CRimnst");
    }

    #[test]
    fn modes_on_the_wire() {
        let mut modes = RoomModes::of_new_room();
        modes.set(Flag::Secret, true);
        modes.key = Some("word".into());
        modes.limit = Some(5);
        assert_eq!(modes.wire(true), ("+nstkl".into(), vec!["word".into(), "5".into()]));
        assert_eq!(modes.wire(false).1, ["*", "5"]);
        assert_eq!(RoomModes::default().wire(true), ("+".into(), vec![]));
    }

    #[test]
    fn changes_on_the_wire() {
        let changes = [
            ModeChange::Flag { flag: Flag::Moderated, on: true },
            ModeChange::Key(None),
            ModeChange::List {
                list: List::Ban,
                adding: false,
                mask: ListMask::parse("a").unwrap(),
            },
        ];
        assert_eq!(ModeChange::wire(&changes), ("+m-kb".into(), vec!["*".into(), "a!*@*".into()]));
    }
}
