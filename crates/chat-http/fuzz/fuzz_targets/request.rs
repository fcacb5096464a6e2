//! A request is found when it is whole, never before, and what is asked of it has an answer.

#![no_main]

use chat_http::request::{HEAD_BYTES_MAX, HEADERS_MAX};
use chat_http::{Request, websocket};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Request::parse(bytes) {
        Ok(Some((request, length))) => {
            assert!(length <= bytes.len().min(HEAD_BYTES_MAX));
            assert_eq!(Request::parse(&bytes[..length - 1]), Ok(None));
            assert!(request.path.starts_with('/') || request.path == "*");
            assert!(request.items("connection").count() <= HEAD_BYTES_MAX + HEADERS_MAX);
            let response = match websocket::upgrade(&request) {
                Ok((response, _)) => response,
                Err(response) => response,
            };
            let bytes = response.into_bytes("Sun, 06 Nov 1994 08:49:37 GMT", false);
            assert!(bytes.starts_with(b"HTTP/1.1 "));
        }
        Ok(None) => assert!(bytes.len() < HEAD_BYTES_MAX),
        Err(error) => assert!(error.status().code >= 400),
    }
});
