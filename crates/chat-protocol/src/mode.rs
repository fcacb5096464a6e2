//! Mode strings to changes and back. Modern IRC, "MODE message" and "CHANMODES parameter".

/// When a mode takes an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// Type A: adds to or removes from a list; without an argument the list is asked for.
    List,
    /// Type B, and the membership modes: always.
    Always,
    /// Type C: when it is set.
    WhenSet,
    /// Type D: never.
    Never,
}

/// One change of a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeChange<'a> {
    /// `+` or `-`.
    pub adding: bool,
    /// The mode's letter.
    pub mode: char,
    /// Its argument, where it takes one and there is one.
    pub arg: Option<&'a str>,
}

/// A mode letter that the server does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownMode(pub char);

/// Reads `+o-v nick nick`: `modes` is the mode string, `args` what follows. `arity` knows the modes.
///
/// Modes before any sign are set. An unknown mode takes no argument.
pub fn parse<'a>(
    modes: &'a str,
    args: &'a [&'a str],
    arity: impl Fn(char) -> Option<Arity>,
) -> impl Iterator<Item = Result<ModeChange<'a>, UnknownMode>> {
    let mut adding = true;
    let mut args = args.iter().copied();
    modes.chars().filter_map(move |mode| {
        match mode {
            '+' => adding = true,
            '-' => adding = false,
            _ => {
                let Some(arity) = arity(mode) else { return Some(Err(UnknownMode(mode))) };
                let takes_arg = match arity {
                    Arity::List | Arity::Always => true,
                    Arity::WhenSet => adding,
                    Arity::Never => false,
                };
                let arg = if takes_arg { args.next() } else { None };
                return Some(Ok(ModeChange { adding, mode, arg }));
            }
        }
        None
    })
}

/// Writes changes as a mode string and its arguments.
pub fn format<'a>(changes: impl IntoIterator<Item = ModeChange<'a>>) -> (String, Vec<&'a str>) {
    let (mut modes, mut args) = (String::new(), Vec::new());
    let mut sign = None;
    for change in changes {
        if sign != Some(change.adding) {
            modes.push(if change.adding { '+' } else { '-' });
            sign = Some(change.adding);
        }
        modes.push(change.mode);
        args.extend(change.arg);
    }
    (modes, args)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arity(mode: char) -> Option<Arity> {
        match mode {
            'b' => Some(Arity::List),
            'o' | 'k' => Some(Arity::Always),
            'l' => Some(Arity::WhenSet),
            'n' | 't' => Some(Arity::Never),
            _ => None,
        }
    }

    #[test]
    fn arguments_go_to_the_modes_that_take_them() {
        let changes: Vec<_> =
            parse("+nol-l+b", &["alice", "5", "*!*@x"], arity).map(Result::unwrap).collect();
        let expected = [
            (true, 'n', None),
            (true, 'o', Some("alice")),
            (true, 'l', Some("5")),
            (false, 'l', None),
            (true, 'b', Some("*!*@x")),
        ];
        assert_eq!(changes, expected.map(|(adding, mode, arg)| ModeChange { adding, mode, arg }));
        assert_eq!(format(changes), ("+nol-l+b".into(), vec!["alice", "5", "*!*@x"]));
    }

    #[test]
    fn unknown_modes_are_told_apart() {
        let changes: Vec<_> = parse("nX", &[], arity).collect();
        assert_eq!(changes.last(), Some(&Err(UnknownMode('X'))));
        let missing: Vec<_> = parse("-o", &[], arity).collect();
        assert_eq!(missing, [Ok(ModeChange { adding: false, mode: 'o', arg: None })]);
    }
}
