//! Starting connections, more than one source address has ports for.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use mio::net::TcpStream;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with, sockopt};

/// Source addresses used in turn on the loopback network: each has some 28,000 ports.
const SOURCES: usize = 16;

pub(super) struct Dialer {
    target: SocketAddr,
    dialled: usize,
}

impl Dialer {
    pub(super) const fn new(target: SocketAddr) -> Self {
        Self { target, dialled: 0 }
    }

    /// Starts to connect; the socket becomes writable when that has succeeded or failed.
    pub(super) fn dial(&mut self) -> io::Result<TcpStream> {
        let family = match self.target {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        if let Some(source) = self.source() {
            bind(&socket, &source)?;
        }
        self.dialled += 1;
        sockopt::set_tcp_nodelay(&socket, true)?;
        match connect(&socket, &self.target) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(TcpStream::from_std(socket.into()))
    }

    fn source(&self) -> Option<SocketAddr> {
        let IpAddr::V4(target) = self.target.ip() else { return None };
        if !target.is_loopback() {
            return None;
        }
        let last = u8::try_from(1 + self.dialled % SOURCES).expect("there are fewer than 255");
        Some(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0)))
    }
}
