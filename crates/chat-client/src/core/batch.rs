//! Batches: lines that belong together. IRCv3, "Batch".
//!
//! Lines of a `chathistory` or a search are collected until the batch ends, those of batches inside
//! it too. Of other batches only the label is kept: the lines are handled as they come. What a
//! server can make the client keep has bounds.

use std::borrow::Cow;

use chat_protocol::Message;

/// Batches that may be open at once. With one more the oldest is given up.
const OPEN_MAX: usize = 32;
/// Lines that one batch keeps.
const LINES_MAX: usize = 2000;
/// Bytes of all lines that one batch keeps.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a collected batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `chathistory`
    History,
    /// `soju.im/search`
    Search,
}

/// The lines of a batch, once it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collection {
    /// What they are.
    pub(super) kind: Kind,
    /// Whose history it is; empty for a search.
    pub(super) target: String,
    /// In the order in which they came.
    pub(super) lines: Vec<String>,
    /// How many more there was no place for.
    pub(super) left_out: usize,
    bytes: usize,
}

/// The batches that are open.
#[derive(Debug, Default)]
pub(super) struct Batches(Vec<Open>);

#[derive(Debug)]
struct Open {
    reference: String,
    label: Option<String>,
    lines: Lines,
}

/// Where the lines of a batch go.
#[derive(Debug)]
enum Lines {
    /// They are handled as they come.
    Live,
    /// They are collected.
    Here(Collection),
    /// They are collected in this batch, which is around theirs.
    Around(String),
}

impl Batches {
    /// Takes a `BATCH`. A collection that it ends is given back.
    pub(super) fn take(&mut self, message: &Message<'_>) -> Option<Collection> {
        let [reference, params @ ..] = &*message.params else { return None };
        if let Some(reference) = reference.strip_prefix('+') {
            self.open(reference, params, message);
            return None;
        }
        let reference = reference.strip_prefix('-')?;
        let at = self.position(reference)?;
        match self.0.remove(at).lines {
            Lines::Here(collection) => Some(collection),
            Lines::Live | Lines::Around(_) => None,
        }
    }

    /// Collects a line of a batch, if that is one whose lines are collected.
    pub(super) fn collect(&mut self, reference: &str, line: &str) -> bool {
        let Some(at) = self.position(reference) else { return false };
        let at = match &self.0[at].lines {
            Lines::Live => return false,
            Lines::Here(_) => Some(at),
            Lines::Around(outer) => self.position(outer),
        };
        if let Some(Lines::Here(collection)) = at.map(|at| &mut self.0[at].lines) {
            collection.push(line);
        }
        true
    }

    /// The label of a batch, or of the one around it.
    pub(super) fn label(&self, reference: &str) -> Option<&str> {
        self.0[self.position(reference)?].label.as_deref()
    }

    fn open(&mut self, reference: &str, params: &[&str], message: &Message<'_>) {
        if reference.is_empty() || self.position(reference).is_some() {
            return;
        }
        let around = message.tags.value("batch").and_then(|around| self.position(&around));
        let around = around.map(|at| &self.0[at]);
        let own = message.tags.value("label").map(Cow::into_owned);
        let label = own.or_else(|| around.and_then(|around| around.label.clone()));
        let lines = match around.map(|around| (&around.lines, &around.reference)) {
            Some((Lines::Here(_), outer)) => Lines::Around(outer.clone()),
            Some((Lines::Around(outer), _)) => Lines::Around(outer.clone()),
            Some((Lines::Live, _)) | None => Lines::of(params),
        };
        if self.0.len() == OPEN_MAX {
            let oldest = self.0.remove(0);
            let reference = oldest.reference.escape_debug();
            log::warn!("the batch {reference} is given up: too many are open");
        }
        self.0.push(Open { reference: reference.to_owned(), label, lines });
    }

    fn position(&self, reference: &str) -> Option<usize> {
        self.0.iter().position(|open| open.reference == reference)
    }
}

impl Lines {
    fn of(params: &[&str]) -> Self {
        let (kind, target) = match params {
            ["chathistory", target, ..] => (Kind::History, *target),
            ["soju.im/search", ..] => (Kind::Search, ""),
            _ => return Self::Live,
        };
        let target = target.to_owned();
        Self::Here(Collection { kind, target, lines: Vec::new(), left_out: 0, bytes: 0 })
    }
}

impl Collection {
    fn push(&mut self, line: &str) {
        if self.lines.len() == LINES_MAX || self.bytes + line.len() > BYTES_MAX {
            self.left_out += 1;
            return;
        }
        self.bytes += line.len();
        self.lines.push(line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(batches: &mut Batches, line: &str) -> Option<Collection> {
        batches.take(&Message::parse(line).unwrap())
    }

    #[test]
    fn lines_are_collected_with_those_of_batches_inside() {
        let mut batches = Batches::default();
        assert_eq!(take(&mut batches, "@label=7 BATCH +a chathistory #room"), None);
        assert!(batches.collect("a", "one"));
        take(&mut batches, "@batch=a BATCH +b draft/multiline #room");
        take(&mut batches, "@batch=b BATCH +c x");
        assert!(batches.collect("b", "two") && batches.collect("c", "three"));
        assert_eq!(batches.label("c"), Some("7"));
        assert_eq!(take(&mut batches, "@batch=b BATCH -c"), None);
        assert_eq!(take(&mut batches, "@batch=a BATCH -b"), None);
        assert!(batches.collect("a", "four"));
        let collection = take(&mut batches, "BATCH -a").unwrap();
        assert_eq!((collection.kind, collection.target.as_str()), (Kind::History, "#room"));
        assert_eq!(collection.lines, ["one", "two", "three", "four"]);
        assert!(batches.0.is_empty());
    }

    #[test]
    fn a_collection_may_be_inside_another_batch() {
        let mut batches = Batches::default();
        take(&mut batches, "@label=1 BATCH +a labeled-response");
        take(&mut batches, "@batch=a BATCH +b soju.im/search");
        assert!(!batches.collect("a", "x"));
        assert!(batches.collect("b", "y"));
        assert_eq!(take(&mut batches, "@batch=a BATCH -b").unwrap().kind, Kind::Search);
        assert_eq!(take(&mut batches, "BATCH -a"), None);
    }

    #[test]
    fn a_server_can_not_fill_the_memory() {
        let mut batches = Batches::default();
        take(&mut batches, "BATCH +a chathistory #room");
        for _ in 0..LINES_MAX + 3 {
            batches.collect("a", "x");
        }
        let collection = take(&mut batches, "BATCH -a").unwrap();
        assert_eq!((collection.lines.len(), collection.left_out), (LINES_MAX, 3));
        let long = "x".repeat(BYTES_MAX / 2);
        take(&mut batches, "BATCH +a chathistory #room");
        assert!((0..5).all(|_| batches.collect("a", &long)));
        let collection = take(&mut batches, "BATCH -a").unwrap();
        assert_eq!((collection.lines.len(), collection.left_out), (2, 3));
        for number in 0..OPEN_MAX * 2 {
            take(&mut batches, &format!("BATCH +{number} x"));
        }
        assert_eq!(batches.0.len(), OPEN_MAX);
    }

    proptest! {
        #[test]
        fn no_order_of_batches_panics(
            steps in prop::collection::vec((0_usize..4, 0_usize..6, 0_usize..6), 0..200),
        ) {
            let mut batches = Batches::default();
            for (step, one, other) in steps {
                let line = match step {
                    0 => format!("BATCH +{one} chathistory #a"),
                    1 => format!("@batch={other} BATCH +{one} x"),
                    2 => format!("BATCH -{one}"),
                    _ => {
                        batches.collect(&one.to_string(), "x");
                        continue;
                    }
                };
                take(&mut batches, &line);
                prop_assert!(batches.0.len() <= OPEN_MAX);
            }
        }
    }
}
