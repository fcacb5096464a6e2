//! One request: read within a deadline, answered, and then the connection is over or a WebSocket.
//! What is read here never comes to the reader of IRC.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_http::request::HEAD_BYTES_MAX;
use chat_http::websocket::Subprotocol;
use chat_http::{Request, Response};

use crate::fault;
use crate::server::Server;
use crate::web::{self, Answer, Visit};

use super::door::Visitor;

/// How long the answer may take to leave.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes read at one time.
const READ_BYTES: usize = 1024;

/// What was asked, and how it is answered.
struct Exchange {
    answer: Answer,
    is_head: bool,
}

/// Answers a request and closes; or gives the connection back as a WebSocket, with what its client
/// has sent behind the request.
#[inline(never)]
pub(super) fn serve(
    mut visitor: Box<Visitor>,
    server: &Arc<Server>,
) -> Option<(Box<Visitor>, Subprotocol)> {
    let peer = visitor.peer.address;
    let registration_until = visitor.until;
    visitor.until = registration_until.min(Instant::now() + server.config().http.request);
    // The panic itself has been logged with its place.
    let exchange = catch_unwind(AssertUnwindSafe(|| exchange(&mut visitor, server)));
    let Exchange { answer, is_head } = match exchange {
        Ok(Ok(exchange)) => exchange,
        Ok(Err(error)) => {
            log::debug!("{peer} has not sent a request: {error}");
            return None;
        }
        Err(_) => Exchange { answer: Answer::Response(web::failed()), is_head: false },
    };
    let until = Instant::now() + ANSWER_TIMEOUT;
    let sent = match answer {
        Answer::Response(response) => send(&visitor, server, response, is_head, until)
            .and_then(|()| visitor.stream.close(until)),
        Answer::WebSocket(response, subprotocol) => {
            let sent = send(&visitor, server, response, is_head, until);
            if sent.is_ok() {
                visitor.until = registration_until;
                return Some((visitor, subprotocol));
            }
            sent
        }
    };
    if let Err(error) = sent {
        log::debug!("{peer} did not take its answer: {error}");
    }
    None
}

/// Reads a request and works out the answer. What follows the request is left with the visitor.
fn exchange(visitor: &mut Visitor, server: &Arc<Server>) -> io::Result<Exchange> {
    let mut bytes = Vec::new();
    loop {
        let read = read_more(visitor, &mut bytes);
        match read {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Ok(Exchange {
                    answer: Answer::Response(web::time_out(server)),
                    is_head: false,
                });
            }
            Err(error) => return Err(error),
        }
        let (request, length) = match Request::parse(&bytes) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => continue,
            Err(error) => {
                let response = web::refuse(server, error);
                return Ok(Exchange { answer: Answer::Response(response), is_head: false });
            }
        };
        let peer = visitor.peer.address;
        log::debug!("{peer} asks for {:?} {:?}", request.method, request.path);
        let is_head = request.method == "HEAD";
        fault::point("http");
        let answer = Visit { server, peer: peer.ip(), request }.answer();
        // Nobody has read what comes next.
        visitor.said.splice(..0, bytes.drain(length..));
        return Ok(Exchange { answer, is_head });
    }
}

/// Reads until there is another line, which is what a request can end with.
fn read_more(visitor: &mut Visitor, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let start = bytes.len();
    loop {
        let heard = bytes.len();
        bytes.resize(heard + READ_BYTES, 0);
        let read = visitor.read(&mut bytes[heard..]);
        bytes.truncate(heard + *read.as_ref().unwrap_or(&0));
        let count = read?;
        if count == 0 {
            return Ok(0);
        }
        if bytes[heard..].contains(&b'\n') || bytes.len() >= HEAD_BYTES_MAX {
            return Ok(bytes.len() - start);
        }
    }
}

fn send(
    visitor: &Visitor,
    server: &Server,
    response: Response,
    is_head: bool,
    until: Instant,
) -> io::Result<()> {
    server.metrics.http_responses.count(response.status().code);
    visitor.stream.write_until(&response.into_bytes(&web::date(), is_head), until)
}
