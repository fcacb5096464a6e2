//! Lines become frames.

use memchr::memchr_iter;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use super::Subprotocol;

/// Makes a frame of each line.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    opcode: Data,
}

impl Sender {
    /// For a client that this was agreed on with.
    pub const fn new(subprotocol: Subprotocol) -> Self {
        let opcode = match subprotocol {
            Subprotocol::Text => Data::Text,
            Subprotocol::Binary => Data::Binary,
        };
        Self { opcode }
    }

    /// Adds the frames of whole lines of UTF-8. The line endings stay away.
    pub fn push(self, lines: &[u8], frames: &mut Vec<u8>) {
        let mut start = 0;
        for end in memchr_iter(b'\n', lines) {
            let line = lines.get(start..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.push_frame(line, frames);
            start = end + 1;
        }
        debug_assert_eq!(start, lines.len(), "the last line is not whole");
    }

    fn push_frame(self, line: &[u8], frames: &mut Vec<u8>) {
        let opcode = OpCode::Data(self.opcode);
        let header = FrameHeader { opcode, ..FrameHeader::default() };
        header.format(line.len() as u64, frames).expect("a Vec takes what is written");
        frames.extend_from_slice(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_frame() {
        let mut frames = Vec::new();
        Sender::new(Subprotocol::Text).push("PING x\r\n小\n".as_bytes(), &mut frames);
        assert_eq!(frames, b"\x81\x06PING x\x81\x03\xe5\xb0\x8f");
        let long = format!("{}\r\n", "x".repeat(200));
        frames.clear();
        Sender::new(Subprotocol::Binary).push(long.as_bytes(), &mut frames);
        assert_eq!(frames.get(..5), Some(&b"\x82\x7e\x00\xc8x"[..]));
        assert_eq!(frames.len(), 4 + 200);
    }
}
