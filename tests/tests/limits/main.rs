//! What one address and one client may do, and that it is nobody else's trouble.

mod addresses;
mod pace;
mod rates;

use std::time::Instant;

use chat_tests::Server;
use chat_tests::server::PATIENCE;
use rustix::process::Signal;

/// Has the server read another configuration, for the `times`th time.
#[track_caller]
fn rehash(server: &Server, config: &str, times: usize) {
    server.reconfigure(config);
    server.signal(Signal::HUP);
    let until = Instant::now() + PATIENCE;
    while server.log().matches("The configuration has been read again").count() < times {
        assert!(Instant::now() < until, "it does not read it:\n{}", server.log());
        std::thread::yield_now();
    }
}
