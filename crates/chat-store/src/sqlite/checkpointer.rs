//! Moving what was committed from the log into the file itself, on a thread of its own.
//!
//! SQLite does it at the end of a commit: every so often one would take as long as the disk needs for
//! thousands of pages, and all who wait for what comes after it with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;

use super::connection;
use super::writer::Writer;
use crate::StoreError;
use crate::lock::lock;

/// So many pages in the log are worth a checkpoint.
const PAGES_MIN: usize = 2000;

/// Who writes waits while no more than so many are moved, unless more keep coming.
const PAGES_LEFT_MAX: u64 = 200;
const ROUNDS_MAX: usize = 4;

const STACK_BYTES: usize = 256 * 1024;

/// Its thread ends when it is dropped.
#[derive(Debug)]
pub(super) struct Checkpointer {
    wake: SyncSender<()>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// `connection` is one of its own, which can write.
    pub(super) fn start(
        connection: Connection,
        writer: &Arc<Mutex<Writer>>,
    ) -> Result<Self, StoreError> {
        let (wake, woken) = sync_channel(1);
        let is_over = Arc::new(AtomicBool::new(false));
        let wake_at_times = wake.clone();
        lock(writer).watch_log(move |pages| {
            if pages >= PAGES_MIN {
                // If it is awake, it looks again afterwards.
                let _ = wake_at_times.try_send(());
            }
        })?;
        let run = {
            let (writer, is_over) = (writer.clone(), is_over.clone());
            move || run(&connection, &writer, &woken, &is_over)
        };
        let thread = Builder::new()
            .name("checkpointer".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(run)
            .map_err(|error| StoreError::Failed(format!("can't start a thread: {error}")))?;
        Ok(Self { wake, is_over, thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        let _ = self.wake.try_send(());
        if let Some(thread) = self.thread.take() {
            // A panic there has been told, and took nothing along.
            let _ = thread.join();
        }
    }
}

fn run(
    connection: &Connection,
    writer: &Mutex<Writer>,
    woken: &Receiver<()>,
    is_over: &AtomicBool,
) {
    while woken.recv().is_ok() && !is_over.load(Ordering::Acquire) {
        // What fails is tried again with the next commits, which tell what is wrong with the disk; at
        // last the writer does it itself.
        let _ = checkpoint(connection, writer);
    }
}

/// Most of it while others write, the rest while nobody does: only a log that is done with as a whole
/// is written from its beginning again.
fn checkpoint(connection: &Connection, writer: &Mutex<Writer>) -> rusqlite::Result<()> {
    for _ in 0..ROUNDS_MAX {
        if connection::checkpoint(connection)? <= PAGES_LEFT_MAX {
            break;
        }
    }
    let _nobody_writes = lock(writer);
    connection::checkpoint(connection).map(drop)
}
