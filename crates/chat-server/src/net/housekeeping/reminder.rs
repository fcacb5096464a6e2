//! A certificate that expires soon, or has expired, is said when that is found, and then once a day.

use crate::tls::expiry_warning;

/// What was said last.
#[derive(Debug, Default)]
pub(super) struct Reminder(Option<String>);

impl Reminder {
    /// Logs what has to be said of a certificate that is valid until then, if there is one. Both in
    /// seconds since the Unix epoch.
    pub(super) fn look(&mut self, not_after: Option<u64>, now: u64) {
        if let Some(warning) = self.news(not_after, now) {
            log::warn!("tls.certificate: {warning}");
        }
    }

    fn news(&mut self, not_after: Option<u64>, now: u64) -> Option<&str> {
        let warning = not_after.and_then(|not_after| expiry_warning(not_after, now));
        let is_new = self.0 != warning;
        self.0 = warning;
        self.0.as_deref().filter(|_| is_new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_a_day_until_the_certificate_is_another() {
        const DAY: u64 = 86_400;
        let mut reminder = Reminder::default();
        let mut says = |not_after, now| reminder.news(not_after, now).is_some();
        let (soon, later) = (Some(20 * DAY), Some(60 * DAY));
        assert!(!says(None, 0) && !says(soon, 0));
        assert!(says(soon, 10 * DAY) && !says(soon, 10 * DAY));
        // A whole day less is left one second later.
        assert!(says(soon, 10 * DAY + 1) && !says(soon, 11 * DAY));
        assert!(says(soon, 11 * DAY + 1));
        assert!(!says(later, 11 * DAY + 2));
        assert!(says(soon, 20 * DAY + 1) && !says(soon, 20 * DAY + 2));
        assert!(says(soon, 21 * DAY + 1));
    }
}
