//! How fast a room may be talked to and joined: the modes `f` and `j`, written as InspIRCd does.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::limits::bucket::{Bucket, Rate};

use super::user::{User, UserId};

/// The most of what is counted, and of the seconds in which it is.
const COUNT_MAX: u32 = 1000;
const SECONDS_MAX: u32 = 3600;
/// Speakers that are remembered before those are forgotten that may say as much as others.
const SPEAKERS_MIN: usize = 32;

/// So many in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frequency {
    count: u32,
    seconds: u32,
}

/// `f`: so many lines of one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineFlood {
    pub(crate) lines: Frequency,
    pub(crate) answer: Answer,
}

/// What becomes of who says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// `~`: what is too much is refused.
    Refuse,
    /// It is kicked.
    Kick,
    /// `*`: it is banned as well, for a while.
    Ban,
}

/// What has been said and who has joined lately.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    speakers: HashMap<UserId, Bucket>,
    /// Who decides whether somebody joins only looks at the room.
    joins: Cell<Bucket>,
}

impl Frequency {
    fn rate(self) -> Rate {
        Rate::within(self.count, Duration::from_secs(self.seconds.into()))
    }
}

impl LineFlood {
    /// What is told to who is refused or removed.
    pub(crate) fn why(self) -> String {
        let Frequency { count, seconds } = self.lines;
        format!("more than {count} lines in {seconds} seconds")
    }
}

impl Recent {
    /// Counts a line of a user; an error if that is too many.
    pub(crate) fn say(
        &mut self,
        user: &User,
        lines: Frequency,
        now: Instant,
    ) -> Result<(), Duration> {
        if self.speakers.len() >= SPEAKERS_MIN && !self.speakers.contains_key(&user.id) {
            self.speakers.retain(|_, said| !said.is_full(now));
        }
        self.speakers.entry(user.id).or_default().take(lines.rate(), now)
    }

    /// Counts somebody who joins; an error if too many do.
    pub(crate) fn join(&self, joins: Frequency, now: Instant) -> Result<(), Duration> {
        let mut bucket = self.joins.get();
        let taken = bucket.take(joins.rate(), now);
        self.joins.set(bucket);
        taken
    }

    /// The modes have changed: nobody has said anything yet.
    pub(crate) fn forget_lines(&mut self) {
        self.speakers = HashMap::new();
    }
}

/// What an argument of these modes has to be.
pub(crate) const EXPECTED: &str =
    "Expected a number and seconds, such as 5:10 (1 to 1000, 1 to 3600)";

impl FromStr for Frequency {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (count, seconds) = text.split_once(':').ok_or(())?;
        let number = |text: &str, max| {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| is_number && (1..=max).contains(number)).ok_or(())
        };
        Ok(Self { count: number(count, COUNT_MAX)?, seconds: number(seconds, SECONDS_MAX)? })
    }
}

impl FromStr for LineFlood {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (answer, lines) = match (text.strip_prefix('*'), text.strip_prefix('~')) {
            (Some(lines), _) => (Answer::Ban, lines),
            (_, Some(lines)) => (Answer::Refuse, lines),
            _ => (Answer::Kick, text),
        };
        Ok(Self { lines: lines.parse()?, answer })
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.count, self.seconds)
    }
}

impl fmt::Display for LineFlood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.answer {
            Answer::Refuse => "~",
            Answer::Kick => "",
            Answer::Ban => "*",
        })?;
        self.lines.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_as_they_are_written() {
        for text in ["5:10", "*5:10", "~1:3600", "1000:1"] {
            assert_eq!(text.parse::<LineFlood>().unwrap().to_string(), text);
        }
        assert_eq!("*05:010".parse::<LineFlood>().unwrap().to_string(), "*5:10");
        for wrong in
            ["", "5", "5:", ":5", "0:5", "5:0", "+5:5", "5:3601", "1001:5", "**5:5", "5:5:5"]
        {
            assert!(wrong.parse::<LineFlood>().is_err(), "{wrong}");
        }
        assert!("*5:5".parse::<Frequency>().is_err());
    }

    #[test]
    fn a_room_is_joined_so_often() {
        let (recent, now) = (Recent::default(), Instant::now());
        let joins = "2:10".parse().unwrap();
        assert!(recent.join(joins, now).is_ok() && recent.join(joins, now).is_ok());
        assert!(recent.join(joins, now).is_err());
        assert!(recent.join(joins, now + Duration::from_secs(5)).is_ok());
    }
}
