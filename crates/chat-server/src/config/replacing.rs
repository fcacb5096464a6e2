//! What of a configuration counts while the server runs.

use super::Config;

impl Config {
    /// Puts back what takes a restart to change, as it is in the `running` configuration, and names
    /// the keys where this one has it otherwise.
    pub(crate) fn keep_what_takes_a_restart(&mut self, running: &Self) -> Vec<&'static str> {
        let mut kept = Keeper(Vec::new());
        let (server, was) = (&mut self.server, &running.server);
        kept.keep("server.name", &mut server.name, &was.name);
        kept.keep("server.data", &mut server.data, &was.data);
        let (history, was) = (&mut self.history, &running.history);
        kept.keep("history.durability", &mut history.durability, &was.durability);
        // Clients have been told how long a line is, and their buffers are that large.
        let (limits, was) = (&mut self.limits, &running.limits);
        kept.keep(
            "limits.message_bytes_max",
            &mut limits.message_bytes_max,
            &was.message_bytes_max,
        );
        kept.keep("limits.tags_bytes_max", &mut limits.tags_bytes_max, &was.tags_bytes_max);
        kept.0
    }
}

struct Keeper(Vec<&'static str>);

impl Keeper {
    fn keep<T: PartialEq + Clone>(&mut self, key: &'static str, new: &mut T, running: &T) {
        if new != running {
            self.0.push(key);
            new.clone_from(running);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_restart_stays_and_is_named() {
        let running = Config::default();
        let mut new = Config::parse(
            "[server]\nname = \"other.example\"\nmotd = \"new\"\n[limits]\ntags_bytes_max = 5000\n",
        )
        .unwrap();
        let kept = new.keep_what_takes_a_restart(&running);
        assert_eq!(kept, ["server.name", "limits.tags_bytes_max"]);
        assert_eq!(new.server.name, running.server.name);
        assert_eq!(new.limits.tags_bytes_max, running.limits.tags_bytes_max);
        assert_eq!(new.server.motd, "new");
    }

    #[test]
    fn what_has_not_changed_is_not_named() {
        assert!(Config::default().keep_what_takes_a_restart(&Config::default()).is_empty());
    }
}
