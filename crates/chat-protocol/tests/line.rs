//! Lines: however the bytes are cut, they are the same, and memory stays bounded.

#![allow(clippy::indexing_slicing, reason = "a panic fails the test")]

use chat_protocol::{LineBuffer, LineError, LineLimits};
use proptest::collection::vec;
use proptest::prelude::*;

/// What [`LineBuffer`] promises on top of the limits.
const SPACE_MAX: usize = 16 * 1024;

#[derive(Debug, Clone, PartialEq)]
enum Line {
    Text(String),
    TooLong,
    NotUtf8(Vec<u8>),
}

fn drain(buffer: &mut LineBuffer, lines: &mut Vec<Line>) {
    while let Some(line) = buffer.next_line() {
        lines.push(match line {
            Ok(text) => Line::Text(text.to_owned()),
            Err(LineError::TooLong) => Line::TooLong,
            Err(LineError::NotUtf8(bytes)) => Line::NotUtf8(bytes.to_vec()),
        });
    }
}

/// Cuts `bytes` into chunks of the sizes given, over and over.
fn chunks<'a>(mut bytes: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    for size in sizes.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (chunk, rest) = bytes.split_at((*size).min(bytes.len()));
        chunks.push(chunk);
        bytes = rest;
    }
    chunks
}

fn pushed(limits: LineLimits, chunks: &[&[u8]]) -> Vec<Line> {
    let mut buffer = LineBuffer::new(limits);
    let mut lines = Vec::new();
    for chunk in chunks {
        buffer.push(chunk);
        drain(&mut buffer, &mut lines);
    }
    lines
}

fn read(limits: LineLimits, chunks: &[&[u8]]) -> Vec<Line> {
    let mut buffer = LineBuffer::new(limits);
    let mut lines = Vec::new();
    for chunk in chunks {
        let mut rest = *chunk;
        while !rest.is_empty() {
            let space = buffer.space();
            assert!(!space.is_empty(), "there is always space");
            assert!(space.len() <= limits.total() + SPACE_MAX, "memory is bounded");
            let count = space.len().min(rest.len());
            space[..count].copy_from_slice(&rest[..count]);
            buffer.filled(count);
            rest = &rest[count..];
            drain(&mut buffer, &mut lines);
        }
    }
    lines
}

/// What the limits say about the whole input, worked out without a buffer.
fn expected(limits: LineLimits, bytes: &[u8]) -> Vec<Line> {
    let mut parts: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    let unfinished = parts.pop().unwrap_or_default();
    let mut lines: Vec<Line> = parts
        .into_iter()
        .map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let space = line.iter().position(|&byte| byte == b' ');
            let tags = match line.first() {
                Some(b'@') => space.map_or(line.len(), |at| at + 1),
                _ => 0,
            };
            if tags > limits.tags_bytes_max || line.len() - tags + 2 > limits.message_bytes_max {
                Line::TooLong
            } else {
                String::from_utf8(line.to_vec())
                    .map_or_else(|error| Line::NotUtf8(error.into_bytes()), Line::Text)
            }
        })
        .collect();
    if unfinished.len() > limits.total() {
        lines.push(Line::TooLong);
    }
    lines
}

fn limits() -> impl Strategy<Value = LineLimits> {
    (0..40_usize, 0..20_usize).prop_map(|(message_bytes_max, tags_bytes_max)| LineLimits {
        message_bytes_max,
        tags_bytes_max,
    })
}

/// Bytes in which line endings, tags and broken UTF-8 are frequent.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"@a=b ".to_vec()),
        Just("三".as_bytes().to_vec()),
        Just(b"\xff".to_vec()),
        vec(Just(b'x'), 1..60),
        vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_chunks_give_the_same_lines(
        limits in limits(),
        bytes in bytes(),
        sizes in vec(1..70_usize, 1..8),
    ) {
        let expected = expected(limits, &bytes);
        prop_assert_eq!(pushed(limits, &[&bytes]), expected.clone());
        prop_assert_eq!(read(limits, &[&bytes]), expected.clone());
        let chunks = chunks(&bytes, &sizes);
        prop_assert_eq!(pushed(limits, &chunks), expected.clone());
        prop_assert_eq!(read(limits, &chunks), expected);
    }

    #[test]
    fn an_endless_line_is_reported_once(limits in limits(), sizes in vec(1..900_usize, 1..8)) {
        let mut bytes = vec![b'x'; 6000];
        bytes.push(b'\n');
        prop_assert_eq!(pushed(limits, &chunks(&bytes, &sizes)), [Line::TooLong]);
        prop_assert_eq!(read(limits, &chunks(&bytes, &sizes)), [Line::TooLong]);
    }

    /// Full buffers make it grow; it stops at the bound.
    #[test]
    fn memory_is_bounded(limits in limits(), fill in prop::sample::select(b"x\n@ ".as_slice())) {
        let mut buffer = LineBuffer::new(limits);
        for _ in 0..20 {
            let space = buffer.space();
            prop_assert!(space.len() <= limits.total() + SPACE_MAX);
            let count = space.len();
            space.fill(fill);
            buffer.filled(count);
            drain(&mut buffer, &mut Vec::new());
        }
    }
}
