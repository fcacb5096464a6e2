//! GET /ws: IRC over WebSocket. IRCv3, "WebSocket support".

use chat_http::{Status, websocket};

use crate::metrics::Refusal;

use super::{Answer, Visit, text};

pub(super) fn websocket(visit: &Visit<'_>) -> Answer {
    let request = &visit.request;
    let (response, subprotocol) = match websocket::upgrade(request) {
        Ok(upgrade) => upgrade,
        Err(response) => return Answer::Response(response),
    };
    let is_page = request.has("origin");
    // What can't be read is not let in.
    let origin = is_page.then(|| request.header("origin").unwrap_or_default());
    if !visit.site(|site| site.lets_in(origin, request.host.as_ref())) {
        visit.count(Refusal::HttpOrigin);
        return text(
            Status::FORBIDDEN,
            "Pages of that site may not connect. The server's administrator can add it to \
             `origins` in the table [http] of the configuration.",
        );
    }
    Answer::WebSocket(response, subprotocol)
}
