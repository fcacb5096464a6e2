//! What is said over HTTP: a table of what can be asked for, one file for each.
//!
//! A request comes in and an answer goes out; `net` reads the one and sends the other.

mod health;
mod metrics;
mod page;
mod websocket;

use std::net::IpAddr;
use std::sync::Arc;

use chat_http::websocket::Subprotocol;
use chat_http::{Request, RequestError, Response, Site, Status};

use crate::metrics::Refusal;
use crate::server::Server;

/// One thing that can be asked for, with GET. HEAD asks for the same without its body.
struct Route {
    path: &'static str,
    host: Host,
    run: fn(&Visit<'_>) -> Answer,
}

/// By what name a client has to ask for it.
#[derive(PartialEq, Eq)]
enum Host {
    /// By one of the server's: whoever asks by another may be misled (DNS rebinding).
    Own,
    /// By any: who watches over the server may know nothing but its address.
    Any,
}

/// Everything that can be asked for.
const ROUTES: &[Route] = &[
    Route { path: "/", host: Host::Own, run: page::page },
    Route { path: "/healthz", host: Host::Any, run: health::health },
    Route { path: "/metrics", host: Host::Own, run: metrics::metrics },
    Route { path: "/ws", host: Host::Own, run: websocket::websocket },
];

/// A request, and where it comes from.
pub(crate) struct Visit<'a> {
    pub(crate) server: &'a Arc<Server>,
    pub(crate) peer: IpAddr,
    pub(crate) request: Request<'a>,
}

/// What becomes of a connection.
pub(crate) enum Answer {
    /// It ends with this.
    Response(Response),
    /// It goes on as a WebSocket after this.
    WebSocket(Response, Subprotocol),
}

impl Visit<'_> {
    /// The answer. The connection's own thread works it out: it may take a while.
    pub(crate) fn answer(&self) -> Answer {
        let request = &self.request;
        let route = ROUTES.iter().find(|route| route.path == request.path);
        let is_any = route.is_some_and(|route| route.host == Host::Any);
        if !is_any && !self.site(|site| site.is_called(request.host.as_ref())) {
            self.count(Refusal::HttpHost);
            return text(
                Status::MISDIRECTED_REQUEST,
                "This server does not go by that name. Its administrator can add it to \
                 `hosts` in the table [http] of the configuration.",
            );
        }
        let Some(route) = route else {
            return text(Status::NOT_FOUND, "There is nothing here");
        };
        if !matches!(request.method, "GET" | "HEAD") {
            let response =
                Response::text(Status::METHOD_NOT_ALLOWED, "Only GET and HEAD are known here");
            return Answer::Response(response.with("Allow", "GET, HEAD"));
        }
        (route.run)(self)
    }

    fn site<T>(&self, ask: impl FnOnce(Site<'_>) -> T) -> T {
        let config = self.server.config();
        let (hosts, origins) = (&config.http.hosts, &config.http.origins);
        ask(Site { name: self.server.name(), hosts, origins })
    }

    fn count(&self, refusal: Refusal) {
        self.server.metrics.refusals.count(refusal);
    }
}

/// The answer to bytes that are no request.
pub(crate) fn refuse(server: &Server, error: RequestError) -> Response {
    server.metrics.refusals.count(Refusal::HttpMalformed);
    Response::text(error.status(), error)
}

/// The answer to a request that does not come to its end.
pub(crate) fn time_out(server: &Server) -> Response {
    server.metrics.refusals.count(Refusal::HttpTimeout);
    Response::text(Status::REQUEST_TIMEOUT, "The request did not come in time")
}

/// The answer when nothing could be worked out.
pub(crate) fn failed() -> Response {
    Response::text(Status::INTERNAL_SERVER_ERROR, "Internal server error")
}

/// The present, as `Date` has it.
pub(crate) fn date() -> String {
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&jiff::Timestamp::now())
        .expect("the present has a year of four digits")
}

fn text(status: Status, text: &str) -> Answer {
    Answer::Response(Response::text(status, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_one_row() {
        assert!(ROUTES.is_sorted_by(|one, next| one.path < next.path));
    }

    #[test]
    fn the_date_is_written_as_http_has_it() {
        let date = date();
        assert!(date.ends_with(" GMT") && date.len() == 29, "{date}");
    }
}
