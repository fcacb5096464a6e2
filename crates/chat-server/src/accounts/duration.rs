//! Durations as people write them.

use std::time::Duration;

/// The longest duration that is understood: a hundred years.
const SECONDS_MAX: u64 = 100 * 365 * 86_400;

/// `90s`, `15m`, `12h`, `7d`, `2w`; a number alone is seconds. Nothing else, and no zero.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let count: u64 = digits.parse().ok().filter(|_| is_number)?;
    let seconds = count.checked_mul(unit)?;
    (1..=SECONDS_MAX).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// As people write it, in the largest unit that fits.
pub(crate) fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];
    let (unit, length) = units
        .into_iter()
        .find(|(_, length)| seconds.is_multiple_of(*length))
        .expect("seconds always fit");
    format!("{}{unit}", seconds / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse("90"), Some(Duration::from_secs(90)));
        assert_eq!(parse("7d"), Some(Duration::from_secs(604_800)));
        assert_eq!(parse("2w"), Some(Duration::from_secs(1_209_600)));
        for text in ["90s", "15m", "12h", "7d"] {
            assert_eq!(parse(text).map(shown).as_deref(), Some(text));
        }
        for wrong in ["", "d", "0", "0h", "-1h", "+1", "1.5h", "1y", "1d2h", "99999999999w"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
