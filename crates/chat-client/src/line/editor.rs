//! What the editor asks back: completions, and where it stands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustyline::completion::Completer;
use rustyline::config::{BellStyle, ColorMode, CompletionType};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper, Result};

use super::screen::Screen;
use crate::session::Session;

/// Entered lines that the arrow keys bring back.
const HISTORY_MAX: usize = 1000;
/// With more offers than this, the Tab key completes what they have in common and lists none.
const OFFERS_MAX: usize = 60;

/// The editor of this client.
pub(crate) type LineEditor = Editor<Callbacks, DefaultHistory>;

/// What rustyline calls.
pub(crate) struct Callbacks {
    screen: Arc<Screen>,
    session: Option<Arc<Session>>,
    is_empty: AtomicBool,
}

/// An editor on the terminal.
pub(crate) fn new(screen: Arc<Screen>, colour: bool) -> Result<LineEditor> {
    let config = Config::builder()
        .max_history_size(HISTORY_MAX)?
        .history_ignore_dups(true)?
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .bell_style(BellStyle::None)
        .color_mode(if colour { ColorMode::Enabled } else { ColorMode::Disabled })
        .build();
    let mut editor = Editor::with_config(config)?;
    let is_empty = AtomicBool::new(true);
    editor.set_helper(Some(Callbacks { screen, session: None, is_empty }));
    Ok(editor)
}

impl Callbacks {
    /// From now on there is a session to complete from.
    pub(crate) fn attach(&mut self, session: Arc<Session>) {
        self.session = Some(session);
    }

    /// Whether nothing was being typed when the editor last looked.
    pub(crate) fn is_line_empty(&self) -> bool {
        self.is_empty.load(Ordering::Relaxed)
    }
}

impl Helper for Callbacks {}

impl Completer for Callbacks {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> Result<(usize, Vec<String>)> {
        let Some(session) = &self.session else { return Ok((0, Vec::new())) };
        let (start, offers) = session.look(|client| client.complete(line, cursor));
        if offers.len() <= OFFERS_MAX {
            return Ok((start, offers));
        }
        let common = common_start(&offers);
        let is_longer = common.len() > cursor - start;
        Ok((start, if is_longer { vec![common] } else { Vec::new() }))
    }
}

fn common_start(offers: &[String]) -> String {
    let mut common = offers.first().cloned().unwrap_or_default();
    while !offers.iter().all(|offer| offer.starts_with(&common)) {
        common.pop();
    }
    common
}

/// There are no hints: rustyline asks for one first thing when it is about to draw the prompt.
impl Hinter for Callbacks {
    type Hint = String;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<String> {
        self.is_empty.store(line.is_empty(), Ordering::Relaxed);
        self.screen.opened();
        None
    }
}

/// Every line is valid: rustyline asks last thing before it leaves the terminal.
impl Validator for Callbacks {
    fn validate(&self, _: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        self.screen.closing();
        Ok(ValidationResult::Valid(None))
    }
}

impl Highlighter for Callbacks {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_offers_have_in_common() {
        let offers = ["小明", "小红"].map(str::to_owned);
        assert_eq!(common_start(&offers), "小");
        assert_eq!(common_start(&[]), "");
    }
}
