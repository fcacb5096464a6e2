//! Telling the service manager how things stand: systemd, if it is who started the server.

use sd_notify::NotifyState;

/// Clients can connect.
pub(super) fn is_ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The configuration is being read again; [`is_ready`] says that it is done.
pub(super) fn is_reloading() {
    // The manager compares the time with that of its own request.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => log::debug!("the clock can't be read: {error}"),
    }
}

/// Clients are being said goodbye to.
pub(super) fn is_stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Saying goodbye")]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        log::warn!("the service manager can't be told how things stand: {error}");
    }
}
