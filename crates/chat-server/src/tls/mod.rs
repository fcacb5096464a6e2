//! What the server shows to those who connect by TLS: a certificate, from files that may be replaced
//! while it runs. What a connection has begun with stays its own.

mod any_certificate;
mod expiry;
mod fingerprint;
mod identity;

use std::sync::{Arc, Mutex};

use crate::lock::lock;

pub(crate) use expiry::expiry_warning;
pub(crate) use fingerprint::fingerprint;
pub(crate) use identity::{Files, Identity, IdentityError};

/// The certificate at present, if there is one.
pub(crate) struct Tls {
    current: Mutex<Option<Arc<Identity>>>,
    /// What was read last, or could not be used.
    seen: Mutex<Option<Files>>,
}

impl Tls {
    /// The first certificate, if there is to be one.
    pub(crate) fn new(files: Option<Files>) -> Result<Self, IdentityError> {
        let identity = files.as_ref().map(Identity::read).transpose()?;
        Ok(Self { current: Mutex::new(identity.map(Arc::new)), seen: Mutex::new(files) })
    }

    /// What a connection begins with.
    pub(crate) fn identity(&self) -> Option<Arc<Identity>> {
        lock(&self.current).clone()
    }

    /// Whether TLS is spoken.
    pub(crate) fn is_on(&self) -> bool {
        lock(&self.current).is_some()
    }

    /// The last second in which it is valid, since the Unix epoch, if there is one and it says so.
    pub(crate) fn not_after(&self) -> Option<u64> {
        self.identity().and_then(|identity| identity.not_after)
    }

    /// Whoever connects from now on sees this.
    pub(crate) fn replace(&self, files: Option<Files>, identity: Option<Identity>) {
        let mut seen = lock(&self.seen);
        *lock(&self.current) = identity.map(Arc::new);
        *seen = files;
    }

    /// Reads the files again if they are not what they were; says whether they were. Those that
    /// can't be used are an error once, and what was there before stays.
    pub(crate) fn follow_files(&self) -> Result<bool, IdentityError> {
        let mut seen = lock(&self.seen);
        let Some(files) = seen.as_mut() else { return Ok(false) };
        let now = files.as_they_are();
        if now == *files {
            return Ok(false);
        }
        *files = now;
        let identity = Identity::read(files)?;
        *lock(&self.current) = Some(Arc::new(identity));
        Ok(true)
    }
}
