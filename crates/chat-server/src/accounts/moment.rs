//! Times as people write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::duration;

/// A time, in UTC if it does not say otherwise, or how long ago; in microseconds since the epoch.
pub(crate) fn parse(text: &str, now: u64) -> Option<u64> {
    if let Some(ago) = duration::parse(text).filter(|_| text.ends_with(char::is_alphabetic)) {
        return Some(now.saturating_sub(u64::try_from(ago.as_micros()).unwrap_or(u64::MAX)));
    }
    let in_utc = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>()?);
    let time: Result<Timestamp, jiff::Error> = text.parse().or_else(|_| in_utc());
    Some(u64::try_from(time.ok()?.as_microsecond()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc_or_ago() {
        let at = 1_780_185_600_000_000;
        for text in ["2026-05-31", "2026-05-31T00:00", "2026-05-31T02:00:00+02:00", "24h"] {
            assert_eq!(parse(text, at + 86_400_000_000), Some(at), "{text}");
        }
        assert_eq!(parse("1900-01-01", at), Some(0));
        for wrong in ["", "yesterday", "2026-13-01", "7"] {
            assert_eq!(parse(wrong, at), None, "{wrong}");
        }
    }
}
