//! Starts the real binaries, speaks to them over real sockets, and reads scenarios.
//!
//! Nothing here waits for a length of time: a test waits for a line, for the end of a connection or
//! for the answer to a PING, and fails with what came instead.

pub mod administration;
pub mod baseline;
pub mod binaries;
pub mod client;
pub mod http;
pub mod line;
pub mod pattern;
pub mod relay;
pub mod scenario;
pub mod server;
pub mod terminal;
pub mod tls;
pub mod transcript;
pub mod web_client;

pub use client::Client;
pub use line::Line;
pub use pattern::Pattern;
pub use server::Server;
pub use terminal::Terminal;
pub use tls::{Certificate, Tls};
pub use web_client::WebClient;
