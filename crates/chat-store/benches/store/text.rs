//! Messages like those of people: common words often, rare ones rarely.

use std::sync::Arc;

use chat_store::{Entry, EntryId, EntryKind, Record, TargetKey};

const WORDS: u32 = 30_000;

/// How long a text is, in bytes.
pub(crate) const TEXT_BYTES: usize = 100;

/// The same texts in every run.
pub(crate) struct Texts(u64);

impl Texts {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Xorshift.
    pub(crate) fn number(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    /// A word's rank by frequency: Zipf's law.
    fn rank(&mut self) -> u32 {
        let share = f64::from(u32::try_from(self.number(1 << 20)).unwrap()) / f64::from(1 << 20);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1..=WORDS")]
        let rank = f64::from(WORDS).powf(share) as u32;
        rank
    }

    pub(crate) fn text(&mut self) -> String {
        let mut text = String::with_capacity(TEXT_BYTES + 12);
        while text.len() < TEXT_BYTES {
            text.push_str(&word(self.rank()));
            text.push(' ');
        }
        text.truncate(TEXT_BYTES);
        text
    }
}

/// The word of this rank; common words are short.
pub(crate) fn word(mut rank: u32) -> String {
    let mut word = String::new();
    while rank > 0 {
        word.push(char::from(b"etaoinshrd"[usize::try_from(rank % 10).unwrap()]));
        word.push(char::from(b"aeiouylmnt"[usize::try_from(rank / 10 % 10).unwrap()]));
        rank /= 100;
    }
    word
}

pub(crate) fn message(id: u64, room: &TargetKey, author: u64, body: String) -> Record {
    let entry = Entry {
        id: EntryId(id),
        target: room.clone(),
        kind: EntryKind::Privmsg,
        source: format!("user{author}!user@host{author}.example.org").into(),
        account: Some(format!("user{author}").into()),
        is_bot: false,
        rank_min: 0,
        shown_target: room.as_str().to_owned(),
        tags: String::new(),
        body,
    };
    Record::Entry { entry: Arc::new(entry), resend_id: None }
}
