//! GET /metrics: numbers for Prometheus, for those who may see them.

mod process;

use std::sync::atomic::{AtomicU64, Ordering};

use chat_http::{Response, Status};
use ctutils::CtEq;
use sha2::{Digest, Sha256};

use crate::config::MetricsConfig;
use crate::metrics::{ConnectionKind, Exposition, Kind, Refusal};
use crate::panics;
use crate::server::{Server, VERSION};

use super::{Answer, Visit, text};

/// Headers by which proxies say for whom they ask. Who asks through one on this machine need not be
/// on this machine.
const PROXIED: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

pub(super) fn metrics(visit: &Visit<'_>) -> Answer {
    let config = visit.server.config();
    if !is_allowed(visit, &config.metrics) {
        visit.count(Refusal::HttpUnauthorized);
        if config.metrics.token.is_none() {
            return text(Status::FORBIDDEN, "Metrics are not for you");
        }
        let response = Response::text(Status::UNAUTHORIZED, "Metrics take a bearer token");
        return Answer::Response(response.with("WWW-Authenticate", "Bearer"));
    }
    let body = written(visit.server);
    Answer::Response(Response::new(Status::OK).with_body(Exposition::CONTENT_TYPE, body))
}

fn is_allowed(visit: &Visit<'_>, config: &MetricsConfig) -> bool {
    let request = &visit.request;
    let is_proxied = PROXIED.iter().any(|header| request.has(header));
    if config.loopback && visit.peer.to_canonical().is_loopback() && !is_proxied {
        return true;
    }
    let (Some(token), Some(authorization)) = (&config.token, request.header("authorization"))
    else {
        return false;
    };
    let Some((scheme, given)) = authorization.split_once(' ') else { return false };
    // Of one length, whatever was given.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let is_token = digest(given.trim()).ct_eq(&digest(token)).to_bool();
    scheme.eq_ignore_ascii_case("bearer") && is_token
}

fn written(server: &Server) -> String {
    let mut out = Exposition::default();
    write_server(server, &mut out);
    write_connections(server, &mut out);
    write_messages(server, &mut out);
    write_store(server, &mut out);
    process::write(&mut out);
    out.into_text()
}

fn write_server(server: &Server, out: &mut Exposition) {
    out.values(
        Kind::Gauge,
        "chat_build_info",
        "The version of the server.",
        "version",
        [(VERSION.trim_start_matches("chat-server-"), 1)],
    );
    let uptime = server.uptime().as_secs_f64();
    out.value(
        Kind::Gauge,
        "process_start_time_seconds",
        "When the server was started, in seconds since the Unix epoch.",
        server.now().saturating_sub(server.uptime().as_secs()),
    );
    out.value(Kind::Gauge, "chat_uptime_seconds", "How long the server has been running.", uptime);
    if let Some(not_after) = server.tls.not_after() {
        out.value(
            Kind::Gauge,
            "chat_certificate_expiry_timestamp_seconds",
            "Until when the certificate is valid, in seconds since the Unix epoch.",
            not_after,
        );
    }
    let users = server.user_count();
    out.value(Kind::Gauge, "chat_users", "Users, connected or always on.", users);
    out.value(Kind::Gauge, "chat_rooms", "Rooms.", server.room_count());
}

fn write_connections(server: &Server, out: &mut Exposition) {
    let metrics = &server.metrics;
    write_open_connections(server, out);
    let kinds = ConnectionKind::ALL.map(|kind| (kind.name(), metrics.sessions.of(kind)));
    out.values(
        Kind::Counter,
        "chat_sessions_total",
        "Connections that turned out to speak IRC, by what carries it.",
        "transport",
        kinds,
    );
    out.values(
        Kind::Counter,
        "chat_http_responses_total",
        "Answers to HTTP requests, by status.",
        "code",
        metrics.http_responses.all(),
    );
    out.value(
        Kind::Counter,
        "chat_registrations_total",
        "Connections that have registered.",
        load(&metrics.registrations),
    );
    out.values(
        Kind::Counter,
        "chat_refusals_total",
        "What was turned away, by reason.",
        "reason",
        Refusal::ALL.iter().map(|refusal| (refusal.reason(), metrics.refusals.of(*refusal))),
    );
    let panics = panics::count();
    out.value(
        Kind::Counter,
        "chat_panics_total",
        "Panics. Each ended what one thread was doing.",
        panics,
    );
    out.value(
        Kind::Counter,
        "chat_network_receive_bytes_total",
        "Bytes received from clients.",
        metrics.bytes_in.sum(),
    );
    out.value(
        Kind::Counter,
        "chat_network_transmit_bytes_total",
        "Bytes sent to clients.",
        metrics.bytes_out.sum(),
    );
}

fn write_open_connections(server: &Server, out: &mut Exposition) {
    let sessions = server.sessions();
    let open = server.connection_count();
    let of = |kind| sessions.iter().filter(|session| session.kind() == kind).count();
    let known = ConnectionKind::ALL.map(|kind| (kind.name(), of(kind)));
    let others = ("other", open.saturating_sub(sessions.len()));
    out.values(
        Kind::Gauge,
        "chat_connections",
        "Open connections, by what carries them; other: no session, or none yet.",
        "transport",
        known.into_iter().chain([others]),
    );
    let queues: Vec<usize> = sessions.iter().map(|session| session.outbound.bytes()).collect();
    let sum: usize = queues.iter().sum();
    out.value(Kind::Gauge, "chat_send_queue_bytes", "What waits to be sent to clients.", sum);
    let largest = queues.iter().max().copied().unwrap_or(0);
    out.value(
        Kind::Gauge,
        "chat_send_queue_largest_bytes",
        "The most that waits for one of them.",
        largest,
    );
}

fn write_messages(server: &Server, out: &mut Exposition) {
    let metrics = &server.metrics;
    let lines = metrics.lines_in.sum();
    out.value(Kind::Counter, "chat_lines_received_total", "Lines received from clients.", lines);
    out.value(
        Kind::Counter,
        "chat_messages_received_total",
        "Messages that were let through, for each target.",
        metrics.messages.sum(),
    );
    out.values(
        Kind::Counter,
        "chat_deliveries_total",
        "What happened, for each connection that saw it.",
        "kind",
        [("message", metrics.messages_delivered.sum()), ("event", metrics.events_delivered.sum())],
    );
}

fn write_store(server: &Server, out: &mut Exposition) {
    let metrics = &server.metrics;
    let waiting = server.sequencer.waiting();
    let records = waiting.records;
    out.value(Kind::Gauge, "chat_store_queue_records", "Records that wait to be stored.", records);
    out.value(
        Kind::Gauge,
        "chat_store_queue_bytes",
        "Memory of records that wait to be stored.",
        waiting.bytes,
    );
    out.histogram(
        "chat_store_commit_duration_seconds",
        "How long it took to store what had gathered.",
        &metrics.commit_seconds,
    );
    out.value(
        Kind::Counter,
        "chat_store_commit_failures_total",
        "Commits that failed.",
        load(&metrics.commits_failed),
    );
    out.value(
        Kind::Counter,
        "chat_store_records_total",
        "Records that were stored.",
        load(&metrics.records_stored),
    );
    if let Some(size) = server.history_size() {
        let (entries, bytes) = (size.entries, size.bytes);
        out.value(Kind::Gauge, "chat_history_entries", "What is kept of what happened.", entries);
        out.value(Kind::Gauge, "chat_store_size_bytes", "The store on the disk.", bytes);
    }
}

fn load(number: &AtomicU64) -> u64 {
    number.load(Ordering::Relaxed)
}
