//! Answers that carry the label of their command. IRCv3, "Labeled Responses".

use chat_protocol::{LineWriter, TagsBuf};

use crate::outbound::Held;

/// The most bytes of a label (IRCv3, "Labeled Responses": 64).
pub(crate) const LABEL_BYTES_MAX: usize = 64;

/// Puts a label on what answers a command: nothing becomes ACK, one line carries the label itself,
/// several become a batch. Lines that came in between stay where they were.
pub(crate) fn frame(held: &[Held], label: &str, server: &str, batch: &str) -> Vec<u8> {
    let mut label_tag = TagsBuf::new();
    label_tag.push("label", label);
    let label_tag = label_tag.as_tags().as_raw();
    let own = held.iter().filter(|held| held.own).map(|held| line_count(&held.line)).sum();
    let mut out = Vec::new();
    match own {
        0 => {
            held.iter().for_each(|held| out.extend_from_slice(&held.line));
            out.extend_from_slice(server_line(server, label_tag, "ACK", &[]).as_bytes());
        }
        1 => held.iter().for_each(|held| extend(&mut out, held, label_tag)),
        _ => {
            let first = held.iter().position(|held| held.own).unwrap_or_default();
            let last = held.iter().rposition(|held| held.own).unwrap_or_default();
            let start = server_line(
                server,
                label_tag,
                "BATCH",
                &[&format!("+{batch}"), "labeled-response"],
            );
            let end = server_line(server, "", "BATCH", &[&format!("-{batch}")]);
            let batch_tag = format!("batch={batch}");
            for (at, held) in held.iter().enumerate() {
                if at == first {
                    out.extend_from_slice(start.as_bytes());
                }
                extend(&mut out, held, &batch_tag);
                if at == last {
                    out.extend_from_slice(end.as_bytes());
                }
            }
        }
    }
    out
}

/// Lines as they are: the label goes to the ERROR that follows.
pub(crate) fn unframed(held: &[Held]) -> Vec<u8> {
    held.iter().flat_map(|held| &held.line).copied().collect()
}

fn extend(out: &mut Vec<u8>, held: &Held, tag: &str) {
    if !held.own {
        out.extend_from_slice(&held.line);
        return;
    }
    for line in held.line.split_inclusive(|&byte| byte == b'\n') {
        out.push(b'@');
        out.extend_from_slice(tag.as_bytes());
        match line.strip_prefix(b"@") {
            Some(tagged) => {
                out.push(b';');
                out.extend_from_slice(tagged);
            }
            None => {
                out.push(b' ');
                out.extend_from_slice(line);
            }
        }
    }
}

fn line_count(lines: &[u8]) -> usize {
    lines.split_inclusive(|&byte| byte == b'\n').count()
}

fn server_line(server: &str, tags: &str, command: &str, params: &[&str]) -> String {
    let mut line = String::new();
    let mut writer = LineWriter::new(&mut line);
    writer.raw_tags(tags).source(server).command(command);
    params.iter().for_each(|param| {
        writer.param(param);
    });
    writer.end();
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(lines: &[(bool, &str)]) -> String {
        let held: Vec<Held> =
            lines.iter().map(|&(own, line)| Held { own, line: line.as_bytes().to_vec() }).collect();
        String::from_utf8(frame(&held, "a b", "s.x", "1")).unwrap()
    }

    #[test]
    fn no_answer_is_acknowledged() {
        assert_eq!(
            framed(&[(false, ":o PRIVMSG b :x\r\n")]),
            ":o PRIVMSG b :x\r\n@label=a\\sb :s.x ACK\r\n"
        );
    }

    #[test]
    fn one_answer_carries_the_label() {
        assert_eq!(framed(&[(true, "@time=1 :s.x PONG\r\n")]), "@label=a\\sb;time=1 :s.x PONG\r\n");
    }

    #[test]
    fn several_answers_are_a_batch_and_others_keep_their_place() {
        let framed = framed(&[
            (false, ":o 1\r\n"),
            (true, ":s 2\r\n"),
            (false, ":o 3\r\n"),
            (true, "@t :s 4\r\n:s 5\r\n"),
        ]);
        let expected = "\
:o 1\r\n@label=a\\sb :s.x BATCH +1 labeled-response\r\n@batch=1 :s 2\r\n:o 3\r\n@batch=1;t :s 4\r\n@batch=1 :s 5\r\n\
:s.x BATCH -1\r\n";
        assert_eq!(framed, expected);
    }
}
