//! HTTP and WebSocket on the server's port.

mod http;
mod metrics;
mod websocket;
mod websocket_abuse;
