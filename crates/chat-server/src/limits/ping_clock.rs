//! When a silent client is asked whether it is still there, and when it is given up.

use std::time::{Duration, Instant};

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing, for so long.
    Wait(Duration),
    SendPing,
    /// The PONG did not come.
    PongMissing,
    /// Registration was not finished in time.
    RegistrationLate,
}

/// The clock of one connection. A line counts as a sign of life, bytes without a line do not.
#[derive(Debug)]
pub(crate) struct PingClock {
    ping: Duration,
    pong: Duration,
    registration_until: Option<Instant>,
    last_line: Instant,
    pinged: Option<Instant>,
}

impl PingClock {
    pub(crate) fn new(
        now: Instant,
        registration_until: Instant,
        ping: Duration,
        pong: Duration,
    ) -> Self {
        Self {
            ping,
            pong,
            registration_until: Some(registration_until),
            last_line: now,
            pinged: None,
        }
    }

    pub(crate) fn registered(&mut self) {
        self.registration_until = None;
    }

    pub(crate) fn line_came(&mut self, now: Instant) {
        self.last_line = now;
        self.pinged = None;
    }

    pub(crate) fn ping_sent(&mut self, now: Instant) {
        self.pinged = Some(now);
    }

    pub(crate) fn due(&self, now: Instant) -> Due {
        let (at, due) = match (self.registration_until, self.pinged) {
            (Some(until), _) => (until, Due::RegistrationLate),
            (None, Some(pinged)) => (pinged + self.pong, Due::PongMissing),
            (None, None) => (self.last_line + self.ping, Due::SendPing),
        };
        let left = at.saturating_duration_since(now);
        if left.is_zero() { due } else { Due::Wait(left) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn silence_is_asked_about_and_then_given_up() {
        let start = Instant::now();
        let mut clock = PingClock::new(start, start + 5 * SECOND, 10 * SECOND, 3 * SECOND);
        assert_eq!(clock.due(start + 4 * SECOND), Due::Wait(SECOND));
        assert_eq!(clock.due(start + 5 * SECOND), Due::RegistrationLate);
        clock.registered();
        assert_eq!(clock.due(start + 5 * SECOND), Due::Wait(5 * SECOND));
        assert_eq!(clock.due(start + 10 * SECOND), Due::SendPing);
        clock.ping_sent(start + 10 * SECOND);
        assert_eq!(clock.due(start + 10 * SECOND), Due::Wait(3 * SECOND));
        assert_eq!(clock.due(start + 13 * SECOND), Due::PongMissing);
        clock.line_came(start + 12 * SECOND);
        assert_eq!(clock.due(start + 13 * SECOND), Due::Wait(9 * SECOND));
    }
}
