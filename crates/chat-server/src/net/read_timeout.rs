//! How long a connection waits for its peer.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

/// How late a connection may look at its clock.
const READ_TIMEOUT_TOLERANCE: Duration = Duration::from_millis(50);

/// The socket's read timeout. Setting it takes a system call, which a busy connection is spared.
#[derive(Default)]
pub(super) struct ReadTimeout {
    pub(super) wanted: Duration,
    set: Duration,
}

impl ReadTimeout {
    pub(super) fn apply(&mut self, stream: &TcpStream) -> io::Result<()> {
        let late = self.set.checked_sub(self.wanted);
        if late.is_some_and(|late| late < READ_TIMEOUT_TOLERANCE) {
            return Ok(());
        }
        // The kernel takes no timeout of zero for one.
        self.set = self.wanted.max(Duration::from_millis(1));
        stream.set_read_timeout(Some(self.set))
    }
}
