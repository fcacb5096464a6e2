//! What is known of a header does not change with the bytes that follow.

#![no_main]

use chat_protocol::ProxyHeader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = ProxyHeader::parse(bytes);
    for end in 0..bytes.len().min(300) {
        let known = ProxyHeader::parse(&bytes[..end]);
        assert!(known == Ok(None) || known == whole);
    }
    if let Ok(Some((_, length))) = whole {
        assert!(length <= bytes.len());
    }
});
