//! However a request is cut or mistyped, the parser says one of three things.

use chat_http::request::HEAD_BYTES_MAX;
use chat_http::{Authority, Request};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

proptest! {
    #[test]
    fn a_request_is_found_as_soon_as_it_is_whole(
        path in "/[a-z0-9/?=]{0,30}",
        value in "[ -~]{0,60}",
        rest in vec(any::<u8>(), 0..40),
    ) {
        let head = format!("GET {path} HTTP/1.1\r\nHost: a.example\r\nX: {value}\r\n\r\n");
        let bytes = [head.as_bytes(), &rest].concat();
        for end in 0..head.len() {
            prop_assert_eq!(Request::parse(&bytes[..end]), Ok(None));
        }
        let (request, length) = Request::parse(&bytes).unwrap().unwrap();
        prop_assert_eq!(length, head.len());
        prop_assert_eq!(Some(request.path), path.split('?').next());
        prop_assert_eq!(request.header("x"), Some(value.trim()));
    }

    #[test]
    fn any_bytes_are_judged_within_the_bound(bytes in vec(any::<u8>(), 0..200)) {
        let head = [b"GET / HTTP/1.1\r\n", bytes.as_slice()].concat();
        let _ = Request::parse(&bytes);
        let endless = [head, vec![b'x'; HEAD_BYTES_MAX]].concat();
        prop_assert!(!matches!(Request::parse(&endless), Ok(None)));
    }

    #[test]
    fn an_authority_is_written_as_it_is_read(text in "[a-zA-Z0-9.:\\[\\]-]{0,20}") {
        if let Some(authority) = Authority::parse(&text) {
            let again = Authority::parse(&authority.to_string());
            prop_assert_eq!(again, Some(authority));
        }
    }
}
