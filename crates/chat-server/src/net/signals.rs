//! Being told to stop, or to read the configuration again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_shutdown;
use signal_hook::iterator::Signals as Incoming;

/// The exit status of who is told to stop for the second time.
const FORCED: i32 = 1;

/// SIGINT, SIGTERM and SIGHUP, kept until somebody asks for them.
pub(super) struct Signals {
    incoming: Incoming,
    /// From now on SIGINT and SIGTERM end the process at once.
    is_stopping: Arc<AtomicBool>,
}

impl Signals {
    /// From now on they are kept.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let is_stopping = Arc::new(AtomicBool::new(false));
        let listen = || {
            for signal in [SIGINT, SIGTERM] {
                register_conditional_shutdown(signal, FORCED, is_stopping.clone())?;
            }
            Incoming::new([SIGINT, SIGTERM, SIGHUP])
        };
        let incoming = listen().context("can't listen for signals")?;
        Ok(Self { incoming, is_stopping })
    }

    /// Waits for SIGINT or SIGTERM and says which came. The second ends the process.
    pub(super) fn wait_for_stop(mut self, mut on_hangup: impl FnMut()) -> &'static str {
        for signal in self.incoming.forever() {
            if signal == SIGHUP {
                on_hangup();
                continue;
            }
            self.is_stopping.store(true, Ordering::Relaxed);
            return if signal == SIGINT { "SIGINT" } else { "SIGTERM" };
        }
        unreachable!("signals are waited for until one comes")
    }
}
