//! A server that says nothing: it is asked, and then given up.

use chat_protocol::Capability;
use jiff::SignedDuration;

use super::{Client, Phase};

/// How long a server may take to say what it is capable of. One that knows no capabilities may not
/// even say that.
const CAPABILITIES_MAX: SignedDuration = SignedDuration::from_secs(10);

const NO_ANSWER: &str = "the server does not answer any more";

impl Client {
    pub(super) fn tick(&mut self) {
        if self.phase != Phase::Registered {
            self.tick_before_welcome();
            return;
        }
        if !self.has(Capability::EchoMessage)
            && let Some(token) = self.delivery.barrier()
        {
            self.send("PING", &[&token], None);
        }
        let may_last = self.config.silence_max;
        match self.asked {
            None if self.is_silent_for(may_last * 3 / 5) => {
                self.asked = Some(self.now);
                self.send("PING", &["still-there"], None);
            }
            Some(asked) if self.now.duration_since(asked) >= may_last * 2 / 5 => {
                self.close(NO_ANSWER);
            }
            _ => {}
        }
    }

    fn tick_before_welcome(&mut self) {
        let since = self.now.duration_since(self.connected_at());
        // Nobody else ends a connection on which the user is not let in.
        if self.is_returning() && since >= self.config.silence_max {
            self.close(NO_ANSWER);
        } else if self.phase == Phase::Registering && since >= CAPABILITIES_MAX {
            self.introduce();
        }
    }

    fn is_silent_for(&self, time: SignedDuration) -> bool {
        self.now.duration_since(self.heard) >= time
    }
}
