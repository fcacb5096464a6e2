//! Who hears what happens in a room: the connections of its members, side by side.
//!
//! It says again what the members and their sessions say, for the one walk that a room makes for every
//! message: through memory that lies in a row.

use std::sync::Arc;

use chat_protocol::MembershipSet;

use crate::outbound::{Outbound, approach};

use super::room::Member;
use super::session::{Session, SessionId};
use super::user::UserId;

/// Hearers whose queues are fetched from memory at one time: as many as a processor waits for at once.
const AHEAD: usize = 16;

/// One connection of a member.
pub(crate) struct Hearer {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) status: MembershipSet,
    pub(crate) outbound: Arc<Outbound>,
}

#[derive(Default)]
pub(crate) struct Hearers(Vec<Hearer>);

impl Hearers {
    /// Everyone, in no order that means something.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Hearer> {
        self.0.chunks(AHEAD).flat_map(|hearers| {
            approach(hearers.iter().map(|hearer| &hearer.outbound));
            hearers
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes the connections of a member what they are now.
    pub(super) fn replace(&mut self, member: &Member) {
        self.remove(member.user.id);
        let hearer = |session: &Arc<Session>| Hearer {
            user: member.user.id,
            session: session.id,
            status: member.status,
            outbound: session.outbound.clone(),
        };
        self.0.extend(member.sessions.iter().map(hearer));
    }

    pub(super) fn remove(&mut self, user: UserId) {
        self.0.retain(|hearer| hearer.user != user);
    }

    pub(super) fn change_status(&mut self, user: UserId, status: MembershipSet) {
        let hearers = self.0.iter_mut().filter(|hearer| hearer.user == user);
        hearers.for_each(|hearer| hearer.status = status);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, IoSlice};

    use chat_protocol::{ChannelName, Membership, Nickname};

    use crate::outbound::Wire;
    use crate::state::event::{EventId, EventKind};
    use crate::state::room::{Room, RoomState};
    use crate::state::room_modes::ModeChange;
    use crate::state::session::Peer;
    use crate::state::settings::Settings;
    use crate::state::user::{Profile, User};

    use super::*;

    struct Nowhere;

    impl Wire for Nowhere {
        fn send(&self, _: &[IoSlice<'_>]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn park(&self, _: Arc<Outbound>) {}

        fn wake_reader(&self) {}
    }

    fn session(id: u64) -> Arc<Session> {
        let outbound = Outbound::new(Nowhere, 0, Arc::default());
        Session::new(SessionId(id), Peer::at(([127, 0, 0, 1], 1).into()), outbound)
    }

    fn user(id: u64, session: &Arc<Session>) -> Arc<User> {
        let nickname = Nickname::parse(&format!("user{id}"), 20).unwrap();
        let profile = Profile::new(nickname, "u", "h", "r", 0);
        User::new(UserId(id), EventId(id), profile, Some(session.clone()))
    }

    fn happen(state: &mut RoomState, user: &Arc<User>, kind: EventKind) {
        state.apply(&user.event(EventId(9), kind), user);
        check(state);
    }

    /// The hearers say what the members and their sessions say.
    fn check(state: &RoomState) {
        let of = |member: &Member| {
            let (user, status) = (member.user.id, member.status);
            let ids: Vec<_> = member.sessions.iter().map(|session| session.id).collect();
            ids.into_iter().map(move |session| (session, user, status)).collect::<Vec<_>>()
        };
        let mut expected: Vec<_> = state.members.values().flat_map(of).collect();
        let hearers = state.hearers.iter();
        let mut heard: Vec<_> = hearers.map(|it| (it.session, it.user, it.status)).collect();
        expected.sort_by_key(|it| it.0);
        heard.sort_by_key(|it| it.0);
        assert_eq!(heard, expected);
        assert_eq!(state.hearers.len(), expected.len());
    }

    fn room(name: &str) -> Arc<Room> {
        let settings = Box::new(Settings::new(EventId(1), None));
        Room::new(ChannelName::parse(name, 20).unwrap(), settings, false, EventId(1))
    }

    #[test]
    fn they_are_the_connections_of_the_members() {
        let name: Arc<str> = "#room".into();
        let joined = || EventKind::Joined {
            room: name.clone(),
            realname: "r".into(),
            status: MembershipSet::new(),
            given_by: None,
            away: None,
        };
        let (phone, laptop, other) = (session(1), session(2), session(3));
        let (alice, bob) = (user(1, &phone), user(2, &other));
        let room = room("#room");
        let mut state = room.state();
        for user in [&alice, &bob, &bob] {
            happen(&mut state, user, joined());
        }
        alice.attach(&laptop, 9);
        state.refresh_sessions(&alice);
        check(&state);
        let voiced = ModeChange::Status {
            status: Membership::Voice,
            adding: true,
            user: alice.id,
            nickname: "user1".to_owned(),
        };
        let modes = EventKind::ModesChanged { room: name.clone(), changes: vec![voiced] };
        happen(&mut state, &bob, modes);
        alice.detach(&phone);
        state.refresh_sessions(&alice);
        check(&state);

        let heir = self::room("#heir");
        let inherited = state.hand_over(&heir);
        check(&state);
        heir.state().inherit(inherited);
        check(&heir.state());
        assert_eq!(heir.state().hearers.len(), 2);
        let reason = None;
        happen(&mut heir.state(), &bob, EventKind::Parted { room: name, reason });
        assert_eq!(heir.state().hearers.len(), 1);
    }
}
