//! The modes of a user. Modern IRC, "User Modes"; IRCv3, "Bot Mode".

/// The modes there are, in the order of their letters.
pub(crate) const MODES: &str = "Biow";

/// The modes that are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct UserModes {
    /// `B`: is a program.
    pub(crate) bot: bool,
    /// `i`: not shown to those who share no room with it.
    pub(crate) invisible: bool,
    /// `o`: an IRC operator. Set with its role only, and given up freely.
    pub(crate) oper: bool,
    /// `w`: gets WALLOPS.
    pub(crate) wallops: bool,
}

impl UserModes {
    /// The switch behind a letter.
    pub(crate) fn switch(&mut self, mode: char) -> Option<&mut bool> {
        match mode {
            'B' => Some(&mut self.bot),
            'i' => Some(&mut self.invisible),
            'o' => Some(&mut self.oper),
            'w' => Some(&mut self.wallops),
            _ => None,
        }
    }

    /// As a mode string.
    pub(crate) fn wire(mut self) -> String {
        let set = MODES.chars().filter(|&mode| self.switch(mode).is_some_and(|on| *on));
        std::iter::once('+').chain(set.collect::<Vec<_>>()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_has_a_switch() {
        let mut modes = UserModes::default();
        assert_eq!(modes.wire(), "+");
        for mode in MODES.chars() {
            *modes.switch(mode).unwrap() = true;
        }
        assert_eq!(modes.wire(), "+Biow");
        assert!(modes.switch('x').is_none());
    }
}
