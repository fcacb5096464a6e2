//! Who is let in: only what has the server's name, an address, or a listed origin. The lines are
//! the host, the origin and the server's name.

#![no_main]

use chat_http::{Authority, Site};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut lines = input.splitn(3, '\n');
    let (host, origin) = (lines.next().unwrap_or(""), lines.next());
    let name = lines.next().unwrap_or("chat.example");
    let Some(host) = Authority::parse(host) else { return };
    assert_eq!(Authority::parse(&host.to_string()).as_ref(), Some(&host));

    let site = Site { name, hosts: &[], origins: &[] };
    if site.is_called(Some(&host)) {
        let name = host.host();
        let is_own = name.eq_ignore_ascii_case(site.name) || name == "localhost";
        assert!(is_own || host.is_address());
    }
    if let Some(origin) = origin.filter(|origin| site.lets_in(Some(origin), Some(&host))) {
        assert!(origin.to_ascii_lowercase().contains(host.host()) || host.is_address());
    }
});
