//! A request becomes a WebSocket. RFC 6455, "Server-Side Requirements".

use base64ct::{Base64, Encoding};
use sha1::{Digest, Sha1};

use crate::request::Request;
use crate::response::{Response, Status};

use super::Subprotocol;

/// RFC 6455, "Opening Handshake".
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Whether a WebSocket is wanted.
pub fn is_upgrade(request: &Request<'_>) -> bool {
    names(request, "upgrade", "websocket")
}

/// The answer that opens a WebSocket, and how lines go over it; or the answer that does not.
///
/// The client's order of subprotocols counts. Where it names none that is known here, its messages
/// are text, as older clients expect.
pub fn upgrade(request: &Request<'_>) -> Result<(Response, Subprotocol), Response> {
    let refuse = |text: &str| Err(Response::text(Status::BAD_REQUEST, text));
    if request.method != "GET" || !request.is_http_1_1 {
        return refuse("A WebSocket is opened with GET and HTTP/1.1");
    }
    if !is_upgrade(request) || !names(request, "connection", "upgrade") {
        let response = Response::text(Status::UPGRADE_REQUIRED, "This is for WebSocket clients");
        return Err(response.with("Upgrade", "websocket"));
    }
    if request.header("sec-websocket-version") != Some("13") {
        let response = Response::text(Status::UPGRADE_REQUIRED, "WebSocket version 13 is needed");
        return Err(response.with("Upgrade", "websocket").with("Sec-WebSocket-Version", "13"));
    }
    let key = request.header("sec-websocket-key").map(str::trim).filter(|key| is_key(key));
    let Some(key) = key else { return refuse("Sec-WebSocket-Key is missing or malformed") };
    let response = Response::new(Status::SWITCHING_PROTOCOLS)
        .with("Upgrade", "websocket")
        .with("Connection", "Upgrade")
        .with("Sec-WebSocket-Accept", accept(key));
    let mut offered = request.items("sec-websocket-protocol");
    let chosen = offered.find_map(|name| Subprotocol::ALL.into_iter().find(|it| it.name() == name));
    Ok(match chosen {
        Some(chosen) => (response.with("Sec-WebSocket-Protocol", chosen.name()), chosen),
        None => (response, Subprotocol::default()),
    })
}

fn names(request: &Request<'_>, header: &str, item: &str) -> bool {
    request.items(header).any(|it| it.eq_ignore_ascii_case(item))
}

fn is_key(key: &str) -> bool {
    let mut nonce = [0; 18];
    Base64::decode(key, &mut nonce).is_ok_and(|nonce| nonce.len() == 16)
}

fn accept(key: &str) -> String {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    Base64::encode_string(&digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n\
                        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    fn answer(head: &str) -> Result<(Response, Subprotocol), Response> {
        let text = format!("{head}\r\n");
        upgrade(&Request::parse(text.as_bytes()).unwrap().unwrap().0)
    }

    #[test]
    fn the_example_of_the_specification() {
        let (response, subprotocol) = answer(HEAD).unwrap();
        let bytes = String::from_utf8(response.into_bytes("now", false)).unwrap();
        assert!(
            bytes.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            "{bytes}"
        );
        assert!(!bytes.contains("Sec-WebSocket-Protocol"), "{bytes}");
        assert_eq!(subprotocol, Subprotocol::Text);
    }

    #[test]
    fn the_clients_order_of_subprotocols_counts() {
        for (offered, chosen) in [
            ("binary.ircv3.net", Some(Subprotocol::Binary)),
            ("text.ircv3.net, binary.ircv3.net", Some(Subprotocol::Text)),
            ("x, binary.ircv3.net,text.ircv3.net", Some(Subprotocol::Binary)),
            ("x\r\nSec-WebSocket-Protocol: text.ircv3.net", Some(Subprotocol::Text)),
            ("TEXT.ircv3.net", None),
        ] {
            let (response, subprotocol) =
                answer(&format!("{HEAD}Sec-WebSocket-Protocol: {offered}\r\n")).unwrap();
            assert_eq!(subprotocol, chosen.unwrap_or_default(), "{offered}");
            let bytes = String::from_utf8(response.into_bytes("now", false)).unwrap();
            let line = chosen.map(|it| format!("Sec-WebSocket-Protocol: {}\r\n", it.name()));
            assert!(line.is_none_or(|line| bytes.contains(&line)), "{offered}: {bytes}");
        }
    }

    #[test]
    fn what_is_no_handshake_is_refused() {
        for (from, to, status) in [
            ("GET", "HEAD", Status::BAD_REQUEST),
            ("HTTP/1.1", "HTTP/1.0", Status::BAD_REQUEST),
            ("Upgrade: WebSocket\r\n", "", Status::UPGRADE_REQUIRED),
            ("keep-alive, Upgrade", "keep-alive", Status::UPGRADE_REQUIRED),
            ("Version: 13", "Version: 8", Status::UPGRADE_REQUIRED),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", Status::BAD_REQUEST),
            ("dGhlIHNhbXBsZSBub25jZQ==", "not base64", Status::BAD_REQUEST),
            ("Sec-WebSocket-Key", "X", Status::BAD_REQUEST),
        ] {
            assert!(HEAD.contains(from));
            let response = answer(&HEAD.replacen(from, to, 1)).unwrap_err();
            assert_eq!(response.status(), status, "{from} → {to}");
        }
    }
}
