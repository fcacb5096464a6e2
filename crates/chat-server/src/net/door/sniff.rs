//! What a connection speaks, by its first bytes.

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Tls,
    Http,
    Irc,
}

/// The first two bytes of a TLS connection: a handshake record of version 3.
const TLS: &[u8] = &[0x16, 0x03];
/// How requests of HTTP begin, by browsers and others. The last begins HTTP/2.
const METHODS: [&[u8]; 10] = [
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"OPTIONS ",
    b"PUT ",
    b"DELETE ",
    b"PATCH ",
    b"TRACE ",
    b"CONNECT ",
    b"PRI ",
];

/// Tells what these first bytes are the beginning of; `None` if it takes more of them. Never more
/// than nine.
pub(super) fn protocol(bytes: &[u8]) -> Option<Protocol> {
    let begins = |with: &[u8]| bytes.len() >= with.len() && matches(bytes, with);
    let may_begin = |with: &[u8]| bytes.len() < with.len() && matches(bytes, with);
    if begins(TLS) {
        Some(Protocol::Tls)
    } else if METHODS.iter().any(|method| begins(method)) {
        Some(Protocol::Http)
    } else if may_begin(TLS) || METHODS.iter().any(|method| may_begin(method)) {
        None
    } else {
        Some(Protocol::Irc)
    }
}

/// Whether both are the same as far as both go. No command of IRC is a method in lower case either.
fn matches(bytes: &[u8], with: &[u8]) -> bool {
    bytes.iter().zip(with).all(|(byte, with)| byte.eq_ignore_ascii_case(with))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What it turns out to be, byte by byte, and after how many.
    fn sniffed(text: &[u8]) -> (Option<Protocol>, usize) {
        let found = (0..=text.len()).find_map(|count| Some((protocol(&text[..count])?, count)));
        found.map_or((None, text.len()), |(protocol, count)| (Some(protocol), count))
    }

    #[test]
    fn byte_by_byte_it_is_known_as_soon_as_it_can_be() {
        for (text, expected, count) in [
            (&b"\x16\x03\x01\x02\x00"[..], Some(Protocol::Tls), 2),
            (b"\x16\x04", Some(Protocol::Irc), 2),
            (b"GET / HTTP/1.1", Some(Protocol::Http), 4),
            (b"post / HTTP/1.1", Some(Protocol::Http), 5),
            (b"OPTIONS * HTTP/1.1", Some(Protocol::Http), 8),
            (b"PRI * HTTP/2.0", Some(Protocol::Http), 4),
            (b"GLINE x", Some(Protocol::Irc), 2),
            (b"PASS x", Some(Protocol::Irc), 3),
            (b"POSTER", Some(Protocol::Irc), 5),
            (b"PRIVMSG", Some(Protocol::Irc), 4),
            (b"NICK x", Some(Protocol::Irc), 1),
            (b"@a=b CAP LS", Some(Protocol::Irc), 1),
            (b"\r\nNICK", Some(Protocol::Irc), 1),
            (b"P", None, 1),
            (b"\x16", None, 1),
            (b"", None, 0),
        ] {
            assert_eq!(sniffed(text), (expected, count), "{}", text.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn nine_bytes_are_enough_and_more_change_nothing(bytes in prop::collection::vec(any::<u8>(), 9..20)) {
            let (first, count) = sniffed(&bytes);
            prop_assert!(count <= 9);
            prop_assert_eq!(protocol(&bytes), first);
        }
    }
}
