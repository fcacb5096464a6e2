//! A few connections that only read, so that nobody who reads waits for who writes.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};

use super::connection;
use crate::StoreError;
use crate::lock::lock;

/// At most so many connections, opened when they are first needed, or before. Who finds none free waits.
#[derive(Debug)]
pub(super) struct Readers {
    file: PathBuf,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug)]
struct State {
    idle: Vec<Connection>,
    /// How many more may be opened.
    unopened: usize,
}

impl Readers {
    pub(super) fn new(file: PathBuf, connections_max: usize) -> Self {
        let state = State { idle: Vec::new(), unopened: connections_max };
        Self { file, state: Mutex::new(state), freed: Condvar::new() }
    }

    /// Opens all of them now: what a server holds does not grow with its first clients.
    pub(super) fn open_all(&self) -> Result<(), StoreError> {
        let mut state = lock(&self.state);
        while state.unopened > 0 {
            state.idle.push(connection::open_reader(&self.file)?);
            state.unopened -= 1;
        }
        Ok(())
    }

    /// Reads, in one transaction: everything is seen as it was at one moment.
    pub(super) fn read<T>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut borrowed = self.borrow()?;
        let connection = borrowed.connection.as_mut().expect("it is there until it is dropped");
        let tx = connection.transaction()?;
        run(&tx)
    }

    fn borrow(&self) -> Result<Borrowed<'_>, StoreError> {
        let mut state = lock(&self.state);
        loop {
            if let Some(connection) = state.idle.pop() {
                return Ok(Borrowed { readers: self, connection: Some(connection) });
            }
            if state.unopened > 0 {
                state.unopened -= 1;
                drop(state);
                // Its place is given back whether it can be opened or not.
                let mut borrowed = Borrowed { readers: self, connection: None };
                borrowed.connection = Some(connection::open_reader(&self.file)?);
                return Ok(borrowed);
            }
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct Borrowed<'r> {
    readers: &'r Readers,
    connection: Option<Connection>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.readers.state);
        match self.connection.take() {
            Some(connection) => state.idle.push(connection),
            None => state.unopened += 1,
        }
        drop(state);
        self.readers.freed.notify_one();
    }
}
