//! Parsing and encoding of lines as they come from real clients. `cargo bench -p chat-protocol`.

use chat_protocol::{LineBuffer, LineLimits, LineWriter, Mask, Message, Nickname};
use divan::{Bencher, black_box};

const TAGGED: &str = "@time=2026-01-31T12:34:56.789Z;msgid=01HQ3XJZ5W0000A;account=alice;+draft/reply=01HQ3XJY000000Z \
:alice!~alice@198.51.100.7 PRIVMSG #rust :Has anyone tried the new borrow checker on a large crate?";

/// A line under the name it has in the results.
#[derive(Debug, Clone, Copy)]
enum Line {
    Plain,
    Tagged,
    Chinese,
}

impl Line {
    const ALL: [Self; 3] = [Self::Plain, Self::Tagged, Self::Chinese];

    fn text(self) -> &'static str {
        match self {
            Self::Plain => {
                ":alice!~alice@198.51.100.7 PRIVMSG #rust :Has anyone tried the new borrow checker on a large crate?"
            }
            Self::Tagged => TAGGED,
            Self::Chinese => {
                "@time=2026-01-31T12:34:56.789Z;msgid=01HQ3XJZ5W0000A :小明!~ming@198.51.100.7 PRIVMSG #聊天室 :今天的会议改到下午三点，请大家准时参加。"
            }
        }
    }
}

fn main() {
    divan::main();
}

#[divan::bench(args = Line::ALL)]
fn parse(line: Line) -> usize {
    Message::parse(black_box(line.text())).map_or(0, |message| message.params.len())
}

#[divan::bench]
fn parse_and_look_up_a_tag() -> bool {
    Message::parse(black_box(TAGGED)).is_ok_and(|message| message.tags.value("msgid").is_some())
}

#[divan::bench(args = Line::ALL)]
fn encode(bencher: Bencher<'_, '_>, line: Line) {
    let message = Message::parse(line.text()).expect("the line is well-formed");
    bencher.bench_local(|| black_box(&message).to_string());
}

#[divan::bench]
fn write_a_tagged_line(bencher: Bencher<'_, '_>) {
    let mut out = String::with_capacity(1024);
    bencher.bench_local(move || {
        out.clear();
        let mut writer = LineWriter::new(&mut out);
        writer.tag("time", Some("2026-01-31T12:34:56.789Z")).tag("msgid", Some("01HQ3XJZ5W0000A"));
        writer.source("alice!~alice@198.51.100.7").command("PRIVMSG").param("#rust");
        writer.trailing("Has anyone tried the new borrow checker on a large crate?");
        black_box(writer.end())
    });
}

#[divan::bench]
fn lines_of_a_full_read(bencher: Bencher<'_, '_>) {
    let bytes = format!("{TAGGED}\r\n").repeat(32);
    let mut buffer = LineBuffer::new(LineLimits::default());
    bencher.bench_local(move || {
        buffer.push(black_box(bytes.as_bytes()));
        let mut lines = 0;
        while buffer.next_line().is_some() {
            lines += 1;
        }
        lines
    });
}

#[divan::bench(args = ["Alice", "小明"])]
fn nickname(name: &str) -> bool {
    Nickname::parse(black_box(name), 32).is_ok()
}

#[divan::bench]
fn mask(bencher: Bencher<'_, '_>) {
    let mask = Mask::new("*!*@*.example.org");
    bencher.bench_local(|| mask.matches(black_box("alice!~alice@host-198-51-100-7.example.org")));
}
