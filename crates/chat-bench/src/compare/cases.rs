//! The loads.

use crate::options::{Rooms, Target};
use crate::report::Report;
use crate::{churn, fanout, floor, idle, join, paced, pingpong, slow};

use super::metrics::{self, Metric};

/// Bytes of a line in every case but `slow`.
const LINE_BYTES: usize = 100;

/// A load and what is looked at.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    load: Load,
    pub(super) floor: Option<Floor>,
    /// Whether others are measured as well.
    pub(super) has_peers: bool,
    /// The case to compare with as well.
    pub(super) baseline: Option<&'static str>,
    pub(super) metrics: &'static [Metric],
    pub(super) seconds_min: f64,
}

#[derive(Clone, Copy)]
enum Load {
    Fanout { rooms: usize, members: usize, senders: usize, window: usize, caps_half: bool },
    Paced { rate: u32 },
    Pingpong { pairs: usize },
    Idle { connections: usize },
    Join { connections: usize },
    Slow,
    Churn,
}

#[derive(Clone, Copy)]
pub(super) enum Floor {
    Send { receivers: usize, rooms: usize, lines: usize, rate: Option<u32> },
    Echo { pairs: usize },
}

/// What the cases have in common.
const PLAIN: Case = Case {
    name: "",
    about: "",
    load: Load::Churn,
    floor: None,
    has_peers: true,
    baseline: None,
    metrics: metrics::FANOUT,
    seconds_min: 0.0,
};

const BUSY: Load = rooms_of_100(10, false);

const fn rooms_of_100(rooms: usize, caps_half: bool) -> Load {
    Load::Fanout { rooms, members: 100, senders: 4, window: 16, caps_half }
}

const fn fanout(rooms: usize, members: usize, senders: usize, window: usize) -> Load {
    Load::Fanout { rooms, members, senders, window, caps_half: false }
}

const fn send(receivers: usize, lines: usize) -> Option<Floor> {
    Some(Floor::Send { receivers, rooms: 1, lines, rate: None })
}

/// 64 lines for each of 1,000, then for the next.
const fn send_in_turn(rooms: usize) -> Option<Floor> {
    Some(Floor::Send { receivers: 1000, rooms, lines: 64, rate: None })
}

pub(super) const CASES: &[Case] = &[
    Case {
        name: "busy",
        about: "10 rooms × 100, 4 senders each, window 16; floor: 64 lines per send",
        load: BUSY,
        floor: send(1000, 64),
        ..PLAIN
    },
    Case {
        name: "deep",
        about: "1 room × 1,000, 8 senders, window 16; floor: 64 lines per send",
        load: fanout(1, 1000, 8, 16),
        floor: send(1000, 64),
        seconds_min: 8.0,
        ..PLAIN
    },
    Case {
        name: "small",
        about: "100 rooms × 10, 2 senders each, window 4; floor: 8 lines per send",
        load: fanout(100, 10, 2, 4),
        floor: send(1000, 8),
        ..PLAIN
    },
    Case {
        name: "big",
        about: "1 room × 1,000, 1 sender, window 1; floor: 1 line per send",
        load: fanout(1, 1000, 1, 1),
        floor: send(1000, 1),
        seconds_min: 8.0,
        ..PLAIN
    },
    Case {
        name: "room100",
        about: "1 room × 100, 1 sender, window 1; floor: 1 line per send",
        load: fanout(1, 100, 1, 1),
        floor: send(99, 1),
        ..PLAIN
    },
    Case {
        name: "paced",
        about: "10 rooms × 100, 300 messages/s; floor: 99 sends of 1 line, 300 times a second, 10 × 99 in turn",
        load: Load::Paced { rate: 300 },
        floor: Some(Floor::Send { receivers: 99, rooms: 10, lines: 1, rate: Some(300) }),
        metrics: metrics::PACED,
        ..PLAIN
    },
    Case {
        name: "pingpong",
        about: "1 pair; floor: echo",
        load: Load::Pingpong { pairs: 1 },
        floor: Some(Floor::Echo { pairs: 1 }),
        metrics: metrics::PINGPONG,
        ..PLAIN
    },
    Case {
        name: "pingpong50",
        about: "50 pairs; floor: echo",
        load: Load::Pingpong { pairs: 50 },
        floor: Some(Floor::Echo { pairs: 50 }),
        metrics: metrics::PINGPONG,
        ..PLAIN
    },
    Case {
        name: "idle",
        about: "2,000 connections in rooms of 10: accept, register, join",
        load: Load::Idle { connections: 2000 },
        metrics: metrics::IDLE,
        seconds_min: 8.0,
        ..PLAIN
    },
    Case {
        name: "join",
        about: "500 join one room at once, five times",
        load: Load::Join { connections: 500 },
        metrics: metrics::JOIN,
        ..PLAIN
    },
    Case {
        name: "slow",
        about: "one of 13 hangs, three times, 5,000 messages/s of 400 bytes",
        load: Load::Slow,
        metrics: metrics::SLOW,
        seconds_min: 20.0,
        ..PLAIN
    },
    Case {
        name: "churn",
        about: "100 at a time, QUIT and RST in turn",
        load: Load::Churn,
        metrics: metrics::CHURN,
        ..PLAIN
    },
    Case {
        name: "caps",
        about: "like busy, half with echo-message, server-time, message-tags, account-tag",
        load: rooms_of_100(10, true),
        has_peers: false,
        baseline: Some("busy"),
        ..PLAIN
    },
    Case {
        name: "rooms40",
        about: "like busy, 4,000 connections; floor: 64 lines per send, 4 × 1,000 in turn",
        load: rooms_of_100(40, false),
        floor: send_in_turn(4),
        has_peers: false,
        baseline: Some("busy"),
        seconds_min: 10.0,
        ..PLAIN
    },
    Case {
        name: "rooms150",
        about: "like busy, 15,000 connections; floor: 64 lines per send, 15 × 1,000 in turn",
        load: rooms_of_100(150, false),
        floor: send_in_turn(15),
        has_peers: false,
        baseline: Some("busy"),
        seconds_min: 30.0,
        ..PLAIN
    },
];

impl Case {
    pub(super) fn run(&self, target: Target) -> anyhow::Result<Report> {
        match self.load {
            Load::Fanout { rooms, members, senders, window, caps_half } => {
                let rooms = Rooms { rooms, members, senders, line_bytes: LINE_BYTES, caps_half };
                fanout::run(&fanout::Options { target, rooms, window })
            }
            Load::Paced { rate } => {
                let (line_bytes, caps_half) = (LINE_BYTES, false);
                let rooms = Rooms { rooms: 10, members: 100, senders: 4, line_bytes, caps_half };
                paced::run(&paced::Options { target, rooms, rate })
            }
            Load::Pingpong { pairs } => {
                pingpong::run(&pingpong::Options { target, pairs, line_bytes: LINE_BYTES })
            }
            Load::Idle { connections } => {
                idle::run(&idle::Options { target, connections, members: 10 })
            }
            Load::Join { connections } => {
                join::run(&join::Options { target, connections, storms: 5 })
            }
            Load::Slow => {
                slow::run(&slow::Options { target, members: 10, rate: 5000, line_bytes: 400 })
            }
            Load::Churn => churn::run(&churn::Options { target, connections: 100, members: 10 }),
        }
    }

    pub(super) fn run_floor(&self, seconds: f64) -> anyhow::Result<Report> {
        let (receivers, rooms, lines, rate, echo) = match self.floor {
            Some(Floor::Send { receivers, rooms, lines, rate }) => {
                (receivers, rooms, lines, rate, None)
            }
            Some(Floor::Echo { pairs }) => (1, 1, 1, None, Some(pairs)),
            None => anyhow::bail!("{} has no floor", self.name),
        };
        let line_bytes = LINE_BYTES;
        floor::run(&floor::Options {
            receivers,
            rooms,
            lines,
            rate,
            echo,
            relay: None,
            line_bytes,
            seconds,
        })
    }
}
