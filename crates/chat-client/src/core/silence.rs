//! A server that says nothing: it is asked, and then given up.

use chat_protocol::Capability;
use jiff::SignedDuration;

use super::{Client, Phase};

const NO_ANSWER: &str = "the server does not answer any more";

impl Client {
    pub(super) fn tick(&mut self) {
        if self.phase != Phase::Registered {
            // Nobody else ends a connection on which the server says nothing.
            if self.is_returning() && self.is_silent_for(self.config.silence_max) {
                self.close(NO_ANSWER);
            }
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

    fn is_silent_for(&self, time: SignedDuration) -> bool {
        self.now.duration_since(self.heard) >= time
    }
}
