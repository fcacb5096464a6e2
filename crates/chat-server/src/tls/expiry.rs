//! Until when a certificate is valid.

use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

const DAY_SECONDS: u64 = 24 * 60 * 60;
/// Certificates that renew themselves have done it long before.
const SOON_DAYS: u64 = 14;

/// The last second in which a certificate (DER) is valid, since the Unix epoch (`notAfter`, RFC 5280
/// section 4.1.2.5). `None` if it does not say so in a way that is known.
pub(super) fn not_after(certificate: &[u8]) -> Option<u64> {
    let certificate = Certificate::from_der(certificate).ok()?;
    Some(certificate.tbs_certificate().validity().not_after.to_unix_duration().as_secs())
}

/// What a person has to know of a certificate that is valid until then: that it expires within 14 days,
/// or has expired. Both in seconds since the Unix epoch.
pub(crate) fn expiry_warning(not_after: u64, now: u64) -> Option<String> {
    let at = i64::try_from(not_after).ok().and_then(|it| Timestamp::from_second(it).ok());
    let at = at.map(|at| format!(" ({at})")).unwrap_or_default();
    if now > not_after {
        let days = days((now - not_after) / DAY_SECONDS);
        return Some(format!("the certificate has expired {days} ago{at}"));
    }
    let left = (not_after - now) / DAY_SECONDS;
    (left < SOON_DAYS).then(|| format!("the certificate expires in {}{at}", days(left)))
}

fn days(count: u64) -> String {
    match count {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        _ => format!("{count} days"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn a_certificate_says_until_when_it_is_valid() {
        let key = KeyPair::generate().unwrap();
        // From 2050 on, times are written in another way.
        for seconds in [0, 1_796_036_400, 2_524_607_999, 2_524_608_000, 67_090_118_400] {
            let mut params = CertificateParams::new(["chat.example".to_owned()]).unwrap();
            params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
            let made = params.self_signed(&key).unwrap();
            assert_eq!(not_after(made.der()), Some(seconds));
        }
        assert_eq!(not_after(b"no certificate"), None);
    }

    #[test]
    fn what_expires_soon_or_has_expired_is_said() {
        let not_after = 1_796_036_400;
        let said = |now| expiry_warning(not_after, now);
        assert_eq!(said(0), None);
        assert_eq!(said(not_after - 14 * DAY_SECONDS), None);
        for (now, expected) in [
            (not_after - 14 * DAY_SECONDS + 1, "expires in 13 days (2026-11-30T11:00:00Z)"),
            (not_after - DAY_SECONDS, "expires in 1 day (2026-11-30T11:00:00Z)"),
            (not_after, "expires in less than a day (2026-11-30T11:00:00Z)"),
            (not_after + 1, "has expired less than a day ago (2026-11-30T11:00:00Z)"),
            (not_after + 2 * DAY_SECONDS, "has expired 2 days ago (2026-11-30T11:00:00Z)"),
        ] {
            assert_eq!(said(now), Some(format!("the certificate {expected}")));
        }
        assert_eq!(expiry_warning(u64::MAX, 0), None);
    }
}
