//! Lines that wait for the terminal.

use std::collections::VecDeque;
use std::mem;

/// Lines kept while they can't be shown, as while the user searches the history.
const LINES_MAX: usize = 5000;

/// The latest lines, and how many before them there was no place for.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lines: VecDeque<String>,
    left_out: usize,
}

impl Queue {
    /// Adds a line at the end.
    pub(super) fn push(&mut self, line: String) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
            self.left_out += 1;
        }
        self.lines.push_back(line);
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// All lines as one text, without the last line's ending.
    pub(super) fn take(&mut self) -> String {
        let Self { mut lines, left_out } = mem::take(self);
        if left_out > 0 {
            lines.push_front(format!("-- {left_out} lines are left out here"));
        }
        Vec::from(lines).join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_no_place_for_is_counted() {
        let mut queue = Queue::default();
        assert!(queue.is_empty() && queue.take().is_empty());
        for number in 0..LINES_MAX + 3 {
            queue.push(number.to_string());
        }
        let text = queue.take();
        assert!(text.starts_with("-- 3 lines are left out here\n3\n4\n"), "{text:.60}");
        assert_eq!(text.lines().count(), LINES_MAX + 1);
        assert!(queue.is_empty());
    }
}
