//! However the bytes are cut, the lines are the same. The first bytes choose limits and cuts.

#![no_main]

use chat_protocol::{LineBuffer, LineError, LineLimits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&[message, tags, seed], bytes)) = input.split_first_chunk() else { return };
    let limits = LineLimits { message_bytes_max: message.into(), tags_bytes_max: tags.into() };

    let mut whole = LineBuffer::new(limits);
    whole.push(bytes);
    let expected = lines(&mut whole);

    let mut buffer = LineBuffer::new(limits);
    let mut found = Vec::new();
    let mut rest = bytes;
    let mut size = usize::from(seed);
    while !rest.is_empty() {
        let space = buffer.space();
        assert!(space.len() <= limits.total() + 16 * 1024);
        size = (size * 7 + 3) % 61 + 1;
        let (chunk, after) = rest.split_at(size.min(rest.len()).min(space.len()));
        space[..chunk.len()].copy_from_slice(chunk);
        buffer.filled(chunk.len());
        found.extend(lines(&mut buffer));
        rest = after;
    }
    assert_eq!(found, expected);
});

fn lines(buffer: &mut LineBuffer) -> Vec<Result<String, Option<Vec<u8>>>> {
    let mut lines = Vec::new();
    while let Some(line) = buffer.next_line() {
        lines.push(line.map(str::to_owned).map_err(|error| match error {
            LineError::TooLong => None,
            LineError::NotUtf8(line) => Some(line.to_vec()),
        }));
    }
    lines
}
