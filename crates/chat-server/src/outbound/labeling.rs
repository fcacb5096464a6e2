//! Answers that carry the label of their command. IRCv3, "Labeled Responses".
//!
//! Nothing becomes ACK, one line carries the label itself, several become a batch. Until there is a
//! second line, the first waits, and with it whatever others send meanwhile: the order in which a
//! peer sees lines stays the order in which they were appended.

use chat_protocol::{LineWriter, TagsBuf};

/// The answers to one labelled command, on their way into a queue.
#[derive(Debug)]
pub(crate) struct Labeling {
    /// The label as a tag on the wire.
    label: String,
    batch: String,
    server: String,
    answers: Answers,
}

#[derive(Debug)]
enum Answers {
    None,
    /// The first, and what others have sent since.
    One {
        line: Vec<u8>,
        others: Vec<u8>,
    },
    /// A batch has been opened.
    Several,
    /// The answer is a batch of its own, whose start carries the label.
    Batch,
}

impl Labeling {
    /// `batch` names a batch that is not open; `server` is the server's name.
    pub(crate) fn new(label: &str, batch: &str, server: &str) -> Self {
        let mut tag = TagsBuf::new();
        tag.push("label", label);
        Self {
            label: tag.as_tags().as_raw().to_owned(),
            batch: batch.to_owned(),
            server: server.to_owned(),
            answers: Answers::None,
        }
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        match &self.answers {
            Answers::One { line, others } => line.len() + others.len(),
            Answers::None | Answers::Several | Answers::Batch => 0,
        }
    }

    /// Takes whole lines; what need not wait goes to `out`.
    pub(super) fn push(&mut self, lines: &[u8], own: bool, out: &mut Vec<u8>) {
        if own {
            let lines = lines.split_inclusive(|&byte| byte == b'\n');
            return lines.for_each(|line| self.push_answer(line, out));
        }
        match &mut self.answers {
            Answers::One { others, .. } => others.extend_from_slice(lines),
            Answers::None | Answers::Several | Answers::Batch => out.extend_from_slice(lines),
        }
    }

    /// Ends the answer. One that `goes_on` gets neither label nor ACK: a later line carries it.
    pub(super) fn finish(self, goes_on: bool, out: &mut Vec<u8>) {
        match &self.answers {
            Answers::None if goes_on => {}
            Answers::None => self.write(&self.label, "ACK", &[], out),
            Answers::One { line, others } => {
                push_tagged(if goes_on { "" } else { &self.label }, line, out);
                out.extend_from_slice(others);
            }
            Answers::Several => self.write("", "BATCH", &[&format!("-{}", self.batch)], out),
            Answers::Batch => {}
        }
    }

    fn push_answer(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let batch_tag = format!("batch={}", self.batch);
        match std::mem::replace(&mut self.answers, Answers::Several) {
            Answers::None if starts_batch(line) => {
                self.answers = Answers::Batch;
                return push_tagged(&self.label, line, out);
            }
            Answers::Batch => {
                self.answers = Answers::Batch;
                return out.extend_from_slice(line);
            }
            Answers::None => {
                self.answers = Answers::One { line: line.to_vec(), others: Vec::new() };
                return;
            }
            Answers::One { line, others } => {
                let start = format!("+{}", self.batch);
                self.write(&self.label, "BATCH", &[&start, "labeled-response"], out);
                push_tagged(&batch_tag, &line, out);
                out.extend_from_slice(&others);
            }
            Answers::Several => {}
        }
        push_tagged(&batch_tag, line, out);
    }

    fn write(&self, tags: &str, command: &str, params: &[&str], out: &mut Vec<u8>) {
        let mut line = String::new();
        let mut writer = LineWriter::new(&mut line);
        writer.raw_tags(tags).source(&self.server).command(command);
        params.iter().for_each(|param| {
            writer.param(param);
        });
        writer.end();
        out.extend_from_slice(line.as_bytes());
    }
}

/// Whether a line of the server's own is `:server BATCH +…`.
fn starts_batch(line: &[u8]) -> bool {
    let mut words = line.split(|&byte| byte == b' ').skip(1);
    words.next() == Some(b"BATCH") && words.next().is_some_and(|id| id.starts_with(b"+"))
}

fn push_tagged(tag: &str, line: &[u8], out: &mut Vec<u8>) {
    if tag.is_empty() {
        return out.extend_from_slice(line);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn labeled(lines: &[(bool, &str)], goes_on: bool) -> String {
        let mut labeling = Labeling::new("a b", "1", "s.x");
        let mut out = Vec::new();
        lines.iter().for_each(|(own, line)| labeling.push(line.as_bytes(), *own, &mut out));
        labeling.finish(goes_on, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_answer_is_acknowledged() {
        let lines = labeled(&[(false, ":o PRIVMSG b :x\r\n")], false);
        assert_eq!(lines, ":o PRIVMSG b :x\r\n@label=a\\sb :s.x ACK\r\n");
        assert_eq!(labeled(&[], true), "");
    }

    #[test]
    fn one_answer_carries_the_label() {
        let lines = labeled(&[(true, "@time=1 :s.x PONG\r\n"), (false, ":o 1\r\n")], false);
        assert_eq!(lines, "@label=a\\sb;time=1 :s.x PONG\r\n:o 1\r\n");
    }

    #[test]
    fn several_answers_are_a_batch_and_others_keep_their_place() {
        let sent = [
            (false, ":o 1\r\n"),
            (true, ":s 2\r\n"),
            (false, ":o 3\r\n"),
            (true, "@t :s 4\r\n:s 5\r\n"),
        ];
        let expected = "\
:o 1\r\n@label=a\\sb :s.x BATCH +1 labeled-response\r\n@batch=1 :s 2\r\n:o 3\r\n@batch=1;t :s 4\r\n@batch=1 :s 5\r\n\
:s.x BATCH -1\r\n";
        assert_eq!(labeled(&sent, false), expected);
    }

    #[test]
    fn an_answer_that_is_a_batch_carries_the_label_itself() {
        let sent = [
            (true, ":s.x BATCH +7 chathistory #x\r\n"),
            (false, ":o 1\r\n"),
            (true, "@batch=7 :a PRIVMSG #x :hi\r\n:s.x BATCH -7\r\n"),
        ];
        let expected = "\
@label=a\\sb :s.x BATCH +7 chathistory #x\r\n:o 1\r\n@batch=7 :a PRIVMSG #x :hi\r\n:s.x BATCH -7\r\n";
        assert_eq!(labeled(&sent, false), expected);
    }

    #[test]
    fn only_the_first_answer_waits() {
        let mut labeling = Labeling::new("x", "1", "s.x");
        let mut out = Vec::new();
        labeling.push(b":s 1\r\n", true, &mut out);
        assert_eq!((out.len(), labeling.bytes()), (0, 6));
        labeling.push(b":s 2\r\n", true, &mut out);
        assert_eq!(labeling.bytes(), 0);
    }
}
