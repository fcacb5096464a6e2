//! What a client's frames hold.

use std::fmt;
use std::io::{self, Read, Write};

use tungstenite::Error;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::frame::{CloseFrame, Frame};
use tungstenite::protocol::{Message, Role, WebSocketConfig, WebSocketContext};

/// The buffer for what has come and is no whole frame yet, in bytes, while little comes.
const BUFFER_BYTES: usize = 512;

/// The frames of one client, which come in any pieces.
#[derive(Debug)]
pub struct Receiver {
    context: WebSocketContext,
    control_frames: u32,
}

/// Why no more frames are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// The client has closed it, and has its answer.
    ByPeer,
    /// It does not keep to RFC 6455.
    Protocol,
    /// A message of text is not UTF-8.
    NotUtf8,
    /// A frame or a message is longer than allowed.
    TooBig,
    /// The session has ended.
    Ended,
}

impl Receiver {
    /// `message_bytes_max`: of a message, and so of a frame. Memory stays below three times that.
    pub fn new(message_bytes_max: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(message_bytes_max))
            .max_frame_size(Some(message_bytes_max));
        Self { context: WebSocketContext::new(Role::Server, Some(config)), control_frames: 0 }
    }

    /// How many frames have come since it was last asked that hold no lines: pings and their like.
    pub const fn take_control_frames(&mut self) -> u32 {
        std::mem::replace(&mut self.control_frames, 0)
    }

    /// Takes bytes that have come. Adds the lines of their messages to `lines`, each with its
    /// ending, and frames that have to be answered at once to `replies`. After an error it is not
    /// called again.
    ///
    /// Whichever subprotocol was agreed on, text and binary messages are taken.
    pub fn receive(
        &mut self,
        bytes: &[u8],
        lines: &mut Vec<u8>,
        replies: &mut Vec<u8>,
    ) -> Result<(), Close> {
        let mut stream = Ends { bytes, replies };
        loop {
            match self.context.read(&mut stream) {
                Ok(Message::Text(text)) => push_line(lines, text.as_bytes()),
                Ok(Message::Binary(bytes)) => push_line(lines, &bytes),
                // The answers to these are sent with the next call.
                Ok(_) => self.control_frames = self.control_frames.saturating_add(1),
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(Error::ConnectionClosed) => return Err(Close::ByPeer),
                Err(Error::Capacity(_)) => return Err(Close::TooBig),
                Err(Error::Utf8(_)) => return Err(Close::NotUtf8),
                Err(_) => return Err(Close::Protocol),
            }
        }
    }
}

fn push_line(lines: &mut Vec<u8>, message: &[u8]) {
    // Clients that add an ending nevertheless mean one line.
    let line = message.strip_suffix(b"\n").unwrap_or(message);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    lines.extend_from_slice(line);
    lines.extend_from_slice(b"\r\n");
}

impl Close {
    /// The frame that says so to the client; none if it has had one.
    pub fn frame(self) -> Vec<u8> {
        let code = match self {
            Self::ByPeer => return Vec::new(),
            Self::Protocol => CloseCode::Protocol,
            Self::NotUtf8 => CloseCode::Invalid,
            Self::TooBig => CloseCode::Size,
            Self::Ended => CloseCode::Normal,
        };
        let reason = if self == Self::Ended { String::new() } else { self.to_string() };
        let mut frame = Vec::new();
        let close = Frame::close(Some(CloseFrame { code, reason: reason.into() }));
        close.format(&mut frame).expect("a Vec takes what is written");
        frame
    }
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByPeer => "Connection closed",
            Self::Protocol => "WebSocket protocol error",
            Self::NotUtf8 => "A text message is not UTF-8",
            Self::TooBig => "A message is too big",
            Self::Ended => "The session has ended",
        })
    }
}

impl std::error::Error for Close {}

/// What tungstenite takes for the socket.
struct Ends<'a> {
    bytes: &'a [u8],
    replies: &'a mut Vec<u8>,
}

impl Read for Ends<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.bytes.read(into)
    }
}

impl Write for Ends<'_> {
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        self.replies.write(frame)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 300;

    /// A frame from a client. `first` has FIN and the opcode.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let mut frame = vec![first];
        match payload.len() {
            length @ 0..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
            length => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    }

    fn received(bytes: &[u8]) -> (Result<(), Close>, String, Vec<u8>) {
        let (mut lines, mut replies) = (Vec::new(), Vec::new());
        let mut receiver = Receiver::new(MAX);
        // In whole and byte by byte it is the same.
        let outcome = receiver.receive(bytes, &mut lines, &mut replies);
        let (mut lines_again, mut replies_again) = (Vec::new(), Vec::new());
        let mut receiver = Receiver::new(MAX);
        let mut bytes = bytes.chunks(1);
        let outcome_again =
            bytes.try_for_each(|byte| receiver.receive(byte, &mut lines_again, &mut replies_again));
        assert_eq!((outcome, &lines, &replies), (outcome_again, &lines_again, &replies_again));
        (outcome, String::from_utf8_lossy(&lines).into_owned(), replies)
    }

    #[test]
    fn messages_are_lines() {
        let bytes = [
            frame(0x81, "NICK 小明".as_bytes()),
            frame(0x82, b"USER x\r\n"),
            frame(0x81, b""),
            frame(0x81, b"PING x\n"),
        ];
        let lines = "NICK 小明\r\nUSER x\r\n\r\nPING x\r\n".to_owned();
        assert_eq!(received(&bytes.concat()), (Ok(()), lines, Vec::new()));
    }

    #[test]
    fn fragments_are_put_together_around_what_comes_between() {
        let bytes = [
            frame(0x01, b"PING \xe5\xb0"),
            frame(0x89, b"now"),
            frame(0x00, b"\x8f"),
            frame(0x80, b"!"),
        ];
        let (outcome, lines, replies) = received(&bytes.concat());
        assert_eq!((outcome, lines.as_str()), (Ok(()), "PING 小!\r\n"));
        assert_eq!(replies, b"\x8a\x03now");
    }

    #[test]
    fn a_close_is_answered_in_kind() {
        let bytes = frame(0x88, b"\x03\xe8bye");
        assert_eq!(
            received(&bytes),
            (Err(Close::ByPeer), String::new(), b"\x88\x05\x03\xe8bye".into())
        );
        assert_eq!(received(&frame(0x88, b"")).2, b"\x88\x00");
        // 1005 is never sent.
        assert!(received(&frame(0x88, b"\x03\xed")).2.starts_with(b"\x88\x14\x03\xea"));
    }

    #[test]
    fn what_the_protocol_forbids_ends_it() {
        let unmasked = b"\x81\x02hi".to_vec();
        let big = frame(0x82, &[b'x'; MAX + 1]);
        let huge = b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask".to_vec();
        let piecewise = [frame(0x01, &[b'x'; MAX]), frame(0x80, b"x")].concat();
        for (bytes, close) in [
            (unmasked, Close::Protocol),
            (frame(0xc1, b"compressed"), Close::Protocol),
            (frame(0x83, b"reserved"), Close::Protocol),
            (frame(0x8b, b"reserved"), Close::Protocol),
            (frame(0x80, b"continues nothing"), Close::Protocol),
            ([frame(0x01, b"a"), frame(0x81, b"b")].concat(), Close::Protocol),
            (frame(0x09, b"half a ping"), Close::Protocol),
            (frame(0x89, &[b'x'; 126]), Close::Protocol),
            (frame(0x88, b"\x03"), Close::Protocol),
            (frame(0x81, b"caf\xe9"), Close::NotUtf8),
            ([frame(0x01, b"\xe5\xb0"), frame(0x80, b"x")].concat(), Close::NotUtf8),
            (frame(0x81, b"\xe5\xb0"), Close::NotUtf8),
            (big, Close::TooBig),
            (huge, Close::TooBig),
            (piecewise, Close::TooBig),
        ] {
            assert_eq!(received(&bytes), (Err(close), String::new(), Vec::new()), "{bytes:x?}");
        }
        assert_eq!(received(&frame(0x82, b"caf\xe9")).0, Ok(()));
        assert_eq!(received(&frame(0x82, &[b'x'; MAX])).0, Ok(()));
    }

    #[test]
    fn a_close_has_the_code_of_its_reason() {
        for (close, code) in
            [(Close::Protocol, 1002_u16), (Close::NotUtf8, 1007), (Close::TooBig, 1009)]
        {
            assert_eq!(close.frame().get(2..4), Some(&code.to_be_bytes()[..]));
        }
        assert_eq!(Close::Ended.frame(), b"\x88\x02\x03\xe8");
        assert_eq!(Close::ByPeer.frame(), b"");
    }
}
