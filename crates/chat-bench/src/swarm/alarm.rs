//! A timer as exact as the kernel's: epoll's own waits are rounded up to milliseconds.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

const NEVER: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

pub(super) struct Alarm {
    timer: OwnedFd,
    set_for: Option<Instant>,
}

impl Alarm {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Self { timer, set_for: None })
    }

    /// Ends a wait at a moment, which is `left` away.
    pub(super) fn set(&mut self, at: Instant, left: Duration) -> io::Result<()> {
        if self.set_for == Some(at) {
            return Ok(());
        }
        let value = Timespec::try_from(left).map_err(io::Error::other)?;
        let timer = Itimerspec { it_interval: NEVER, it_value: value };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &timer)?;
        self.set_for = Some(at);
        Ok(())
    }
}
