//! The configuration as it is at present: read several times for every line, hardly ever replaced.
//!
//! A thread keeps the one that it has looked at last, until it looks again or ends.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::Config;
use crate::current::Current;

/// Each thread has its own count of those who look at the configuration: one count for all would go
/// from core to core with every line.
pub(super) struct LiveConfig {
    current: Current<Config>,
    /// No two configurations of one process have the same.
    version: AtomicU64,
}

/// A configuration that somebody looks at.
pub(crate) struct ConfigGuard(Rc<Seen>);

struct Seen {
    version: u64,
    config: Arc<Config>,
}

static VERSIONS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// What this thread has looked at last.
    static SEEN: RefCell<Option<Rc<Seen>>> = const { RefCell::new(None) };
}

impl LiveConfig {
    pub(super) fn new(config: Config) -> Self {
        Self { current: Current::new(config), version: AtomicU64::new(next_version()) }
    }

    pub(super) fn load(&self) -> ConfigGuard {
        // Looked at first: what is found afterwards is as new, or newer and looked for again.
        let version = self.version.load(Ordering::Acquire);
        let look = || Rc::new(Seen { version, config: self.current.load() });
        let seen = SEEN.try_with(|seen| {
            let mut seen = seen.borrow_mut();
            match &*seen {
                Some(seen) if seen.version == version => seen.clone(),
                _ => seen.insert(look()).clone(),
            }
        });
        // A thread that is ending remembers nothing.
        ConfigGuard(seen.unwrap_or_else(|_| look()))
    }

    /// What is to outlast a look.
    pub(super) fn load_full(&self) -> Arc<Config> {
        self.current.load()
    }

    pub(super) fn replace(&self, config: Arc<Config>) {
        self.current.replace(config);
        self.version.store(next_version(), Ordering::Release);
    }
}

impl Deref for ConfigGuard {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.0.config
    }
}

fn next_version() -> u64 {
    VERSIONS.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Config {
        let mut config = Config::default();
        name.clone_into(&mut config.server.name);
        config
    }

    #[test]
    fn each_has_its_own_and_sees_what_replaces_it() {
        let (one, other) = (LiveConfig::new(named("one")), LiveConfig::new(named("other")));
        let before = one.load();
        assert_eq!(other.load().server.name, "other");
        one.replace(Arc::new(named("new")));
        assert_eq!((&*before.server.name, &*one.load().server.name), ("one", "new"));
        assert_eq!(other.load().server.name, "other");
    }
}
