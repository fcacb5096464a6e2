//! Another configuration takes effect while the server runs.

use std::sync::Arc;

use crate::config::{Config, ListenConfig, Source};
use crate::lock::lock;
use crate::outbound::Delivery;
use crate::tls::Identity;

use super::{Server, supports};

/// Listens where it is told to, and says what could not be done.
pub(super) type Follow = Box<dyn Fn(&[ListenConfig]) -> Vec<String> + Send + Sync>;

/// What a new configuration has changed.
pub(crate) struct Reloaded {
    pub(crate) before: Arc<Config>,
    pub(crate) after: Arc<Config>,
    /// Tokens of RPL_ISUPPORT that clients do not know yet, in groups that fit a line.
    pub(crate) isupport: Vec<Vec<String>>,
    /// What a person should know of it: one line each.
    pub(crate) remarks: Vec<String>,
}

impl Server {
    /// Reads the configuration again and lets it take effect, all but what takes a restart. One that
    /// is wrong changes nothing.
    pub(crate) fn reload(&self, delivery: &mut Delivery) -> anyhow::Result<Reloaded> {
        let _turn = lock(&self.reloading);
        let mut config = self.source.read()?;
        let certificate_files = config.tls.files();
        let identity = certificate_files.as_ref().map(Identity::read).transpose()?;
        let before = self.config.load_full();
        let kept = config.keep_what_takes_a_restart(&before);
        let mut remarks: Vec<String> =
            kept.iter().map(|key| format!("{key} has changed: that takes a restart")).collect();
        let after = Arc::new(config);
        self.config.replace(after.clone());
        self.tls.replace(certificate_files, identity);
        self.isupport.replace(supports::isupport(&after));
        let prefixes = after.throttle.prefixes();
        self.accounts.follow(&after.accounts, prefixes);
        self.addresses.follow(prefixes, |address| after.throttle.is_exempt(address));
        self.forget_departed(after.limits.whowas_entries_max);
        self.follow_roles(delivery);
        self.follow_history(&before, &after);
        remarks.extend(self.entrances.get().map_or_else(Vec::new, |it| it(&after.server.listen)));
        self.follow_default_rooms(&before.rooms.default, &mut remarks, delivery);
        if before.accounts.always_on != after.accounts.always_on
            && let Err(error) = self.follow_always_on(delivery)
        {
            remarks.push(format!("accounts.always_on counts for new logins only: {error}"));
        }
        let isupport = supports::changes(&before, &after);
        Ok(Reloaded { before, after, isupport, remarks })
    }

    /// From now on this is told where to listen when that has changed.
    pub(crate) fn opens_and_closes(
        &self,
        follow: impl Fn(&[ListenConfig]) -> Vec<String> + Send + Sync + 'static,
    ) {
        if self.entrances.set(Box::new(follow)).is_err() {
            log::error!("only one may open and close where the server listens");
        }
    }

    /// Where the configuration is read.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    fn follow_history(&self, before: &Config, after: &Config) {
        if before.history.enabled != after.history.enabled {
            for room in self.rooms() {
                // What was said before has been seen before anything is said after.
                room.state_for_change().keep_history(after.history.enabled);
            }
        }
        self.change_retention();
    }
}
