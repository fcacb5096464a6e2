//! What a user does more often than it may is refused.

use std::time::{Duration, Instant};

use crate::state::paces::Action;
use crate::state::session::Session;
use crate::state::user::User;

use super::Server;

/// How long somebody has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooOften(Duration);

impl TooOften {
    /// In whole seconds, one at least.
    pub(crate) fn seconds(self) -> String {
        self.0.as_secs_f64().ceil().max(1.0).to_string()
    }
}

impl Server {
    /// Counts what a user does. Who is exempt, and IRC operators, do it as often as they like.
    pub(crate) fn keep_pace(
        &self,
        user: &User,
        session: &Session,
        action: Action,
    ) -> Result<(), TooOften> {
        let config = self.config();
        let Some(rate) = config.throttle.of_action(action) else { return Ok(()) };
        if config.throttle.is_exempt(session.peer().ip()) || user.profile().modes.oper {
            return Ok(());
        }
        user.paces().take(action, rate, Instant::now()).map_err(TooOften)
    }

    /// Counts a user that another writes to. Whoever has written to somebody is free to be answered.
    pub(crate) fn address(
        &self,
        user: &User,
        session: &Session,
        target: &User,
    ) -> Result<(), TooOften> {
        let knows = user.paces().knows(target.id);
        if !knows && user.id != target.id {
            self.keep_pace(user, session, Action::Address)?;
            user.paces().meets(target.id);
        }
        target.paces().meets(user.id);
        Ok(())
    }
}
