//! A value that is replaced as a whole.

use std::sync::{Arc, Mutex};

use crate::lock::lock;

/// The value as it is at present. Who has looked at it keeps what it saw.
#[derive(Debug)]
pub(crate) struct Current<T>(Mutex<Arc<T>>);

impl<T> Current<T> {
    pub(crate) fn new(value: impl Into<Arc<T>>) -> Self {
        Self(Mutex::new(value.into()))
    }

    pub(crate) fn load(&self) -> Arc<T> {
        lock(&self.0).clone()
    }

    /// Replaces it and returns what it was.
    pub(crate) fn replace(&self, value: impl Into<Arc<T>>) -> Arc<T> {
        std::mem::replace(&mut lock(&self.0), value.into())
    }

    /// Replaces it, if `replaces` says so of the value at present; returns what it was.
    pub(crate) fn replace_if(&self, value: Arc<T>, replaces: impl FnOnce(&T) -> bool) -> Arc<T> {
        let mut current = lock(&self.0);
        if replaces(&current) { std::mem::replace(&mut current, value) } else { current.clone() }
    }
}
