//! What went over the wires, to be shown when a test fails.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The most lines kept, the latest ones.
const LINES_MAX: usize = 60;
/// The most characters of a line that are shown.
const SHOWN_CHARS_MAX: usize = 300;

/// The latest lines of one or more clients, in the order in which the test saw them.
#[derive(Debug, Clone, Default)]
pub struct Transcript(Arc<Mutex<VecDeque<String>>>);

impl Transcript {
    /// Adds a line: `>` for one sent, `<` for one received.
    pub fn push(&self, client: &str, direction: char, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(format!("{client} {direction} {}", shortened(line)));
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

fn shortened(line: &str) -> String {
    let shown: String = line.chars().take(SHOWN_CHARS_MAX).flat_map(visible).collect();
    if shown.len() < line.len() && line.chars().count() > SHOWN_CHARS_MAX {
        return format!("{shown}… ({} bytes)", line.len());
    }
    shown
}

fn visible(character: char) -> Vec<char> {
    if character.is_control() {
        return format!("\\x{:02x}", u32::from(character)).chars().collect();
    }
    vec![character]
}
