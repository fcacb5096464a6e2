//! The other side of the floor: as little as a process can do.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::Context as _;
use clap::ValueEnum as _;
use rustix::net::listen;
use rustix::process::{Signal, set_parent_process_death_signal};

use crate::limits;
use crate::pingpong::Wiring;
use crate::report;
use crate::swarm::Stamp;

/// One round of sending.
pub(crate) const GO: &[u8] = b"!";
/// Connections that wait to be accepted.
const BACKLOG: i32 = 4096;
const STACK_BYTES: usize = 64 * 1024;
const READ_BYTES: usize = 4096;
/// Behind a text's last byte.
const LINE_END: &str = "\r\n";

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    connections: usize,

    /// Rooms they are in, in equal shares: each round is for one
    #[arg(long, default_value_t = 1)]
    rooms: usize,

    /// Lines in each send
    #[arg(long, default_value_t = 1)]
    lines: usize,

    #[arg(long, default_value_t = 100)]
    line_bytes: usize,

    /// Instead of sending on request, send what comes to whom it is for
    #[arg(long)]
    bounce: Option<Wiring>,
}

impl Options {
    pub(crate) const fn send(
        connections: usize,
        rooms: usize,
        lines: usize,
        line_bytes: usize,
    ) -> Self {
        Self { connections, rooms, lines, line_bytes, bounce: None }
    }

    pub(crate) const fn bounce(connections: usize, wiring: Wiring) -> Self {
        Self { connections, rooms: 1, lines: 1, line_bytes: 0, bounce: Some(wiring) }
    }

    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--connections={}", self.connections),
            format!("--rooms={}", self.rooms),
            format!("--lines={}", self.lines),
            format!("--line-bytes={}", self.line_bytes),
        ];
        if let Some(wiring) = self.bounce.and_then(|wiring| wiring.to_possible_value()) {
            arguments.push(format!("--bounce={}", wiring.get_name()));
        }
        arguments
    }
}

/// Serves until the process that started it is gone or has had enough.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).context("can't follow the parent")?;
    limits::raise_descriptors(options.connections)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("can't listen")?;
    // The standard library's backlog is too short for all that come at once.
    listen(&listener, BACKLOG).context("can't listen")?;
    report::line(&listener.local_addr()?.to_string());
    match options.bounce {
        Some(wiring) => bounce_all(&listener, options, wiring),
        None => send_all(&listener, options),
    }
}

fn send_all(listener: &TcpListener, options: &Options) -> anyhow::Result<()> {
    let (mut control, _) = listener.accept()?;
    let mut receivers = accept(listener, options.connections)?;
    let block = line(options.line_bytes).repeat(options.lines);
    let room = (options.connections / options.rooms).max(1);
    let mut go = [0; GO.len()];
    loop {
        for receivers in receivers.chunks_mut(room) {
            let Ok(1..) = control.read(&mut go) else { return Ok(()) };
            for receiver in receivers {
                receiver.write_all(&block)?;
            }
        }
    }
}

fn bounce_all(listener: &TcpListener, options: &Options, wiring: Wiring) -> anyhow::Result<()> {
    let streams = accept(listener, options.connections)?;
    thread::scope(|scope| {
        for (id, from) in streams.iter().enumerate() {
            let to = streams.get(wiring.peer_of(id)).context("one has no partner")?;
            let builder = thread::Builder::new().name("bounce".to_owned()).stack_size(STACK_BYTES);
            builder.spawn_scoped(scope, || bounce(from, to)).context("can't start a thread")?;
        }
        Ok(())
    })
}

fn bounce(mut from: &TcpStream, mut to: &TcpStream) {
    let mut bytes = [0; READ_BYTES];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

fn accept(listener: &TcpListener, count: usize) -> anyhow::Result<Vec<TcpStream>> {
    let streams = listener.incoming().take(count).map(|stream| {
        let stream = stream?;
        stream.set_nodelay(true)?;
        Ok(stream)
    });
    streams.collect()
}

/// A line that the generator recognises.
fn line(bytes: usize) -> Vec<u8> {
    let text_bytes = bytes.saturating_sub(LINE_END.len());
    let mut line = Stamp::prefix(0, text_bytes).into_bytes();
    line.extend_from_slice(&Stamp::suffix(0));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_length() {
        assert_eq!(line(100).len(), 100);
    }
}
