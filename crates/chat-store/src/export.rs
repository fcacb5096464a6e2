//! All that happened in a target, whatever its size.

use std::ops::ControlFlow;

use crate::{Entry, EntryId, Page, Store, StoreError, TargetKey};

/// So many entries are held at a time.
const PART: usize = 500;

pub(crate) fn export<S: Store + ?Sized>(
    store: &S,
    target: &TargetKey,
    after: EntryId,
    each: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut page = Page {
        target: target.clone(),
        after,
        before: EntryId(u64::MAX),
        newest: false,
        limit: PART,
        with_events: true,
        rank: u8::MAX,
    };
    loop {
        let entries = store.page(&page)?;
        let Some(last) = entries.last() else {
            return Ok(());
        };
        page.after = last.id;
        for entry in entries {
            if each(entry).is_break() {
                return Ok(());
            }
        }
    }
}
