//! HTTP and WebSocket as a server needs them, as values: bytes become requests, responses become
//! bytes, frames become lines and lines frames.
//!
//! One request is answered on a connection, and none has a body. Nothing here opens a socket, starts
//! a thread or reads a clock, and no input panics.

pub mod authority;
pub mod request;
pub mod response;
pub mod site;
pub mod websocket;

pub use authority::Authority;
pub use request::{Request, RequestError};
pub use response::{Response, Status};
pub use site::Site;
