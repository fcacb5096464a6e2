//! How much of its pace a line takes.

use super::find;

/// What a command counts for, in lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    lines: u32,
    /// It counts as much for each item of the list with commas that is this parameter, from 0.
    list: Option<usize>,
}

impl Cost {
    fn of(self, params: &str) -> u32 {
        let items = self.list.map_or(1, |at| items(params, at));
        self.lines.saturating_mul(items)
    }
}

/// Whatever the parameters are.
pub(super) const fn lines(lines: u32) -> Cost {
    Cost { lines, list: None }
}

/// For each item of the list that is this parameter, counted from 0.
pub(super) const fn each(lines: u32, param: usize) -> Cost {
    Cost { lines, list: Some(param) }
}

/// What a line counts for, in lines. What is no command counts for one.
pub(crate) fn cost(line: &str) -> u32 {
    let untagged = match line.starts_with('@') {
        true => line.split_once(' ').map_or("", |(_, rest)| rest).trim_start(),
        false => line,
    };
    let command = match untagged.starts_with(':') {
        true => untagged.split_once(' ').map_or("", |(_, rest)| rest).trim_start(),
        false => untagged,
    };
    let (command, params) = command.split_once(' ').unwrap_or((command, ""));
    find(command).map_or(1, |command| command.cost.of(params))
}

/// How many items the list has that is a parameter; one if there is none.
fn items(params: &str, at: usize) -> u32 {
    let mut rest = params.trim_start();
    for _ in 0..at {
        if rest.starts_with(':') {
            return 1;
        }
        rest = rest.split_once(' ').map_or("", |(_, rest)| rest).trim_start();
    }
    let list = match rest.strip_prefix(':') {
        Some(trailing) => trailing,
        None => rest.split(' ').next().unwrap_or_default(),
    };
    let commas = list.bytes().filter(|byte| *byte == b',').count();
    u32::try_from(commas).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cost_by_their_command() {
        assert_eq!(cost("PRIVMSG #a :LIST"), 1);
        assert_eq!(cost("@label=1;+x=y :alice  list"), 8);
        assert_eq!([cost(""), cost("@"), cost(":x"), cost("NOSUCH a,b")], [1; 4]);
    }

    #[test]
    fn lists_cost_for_each_of_their_items() {
        let each = cost("JOIN #a");
        for (line, items) in [
            ("JOIN #a,#b,#c key,key", 3),
            ("@label=1 :alice JOIN  #a,#b", 2),
            ("join :#a,#b,#c d,e", 4),
            ("JOIN", 1),
            ("JOIN ,,,", 4),
        ] {
            assert_eq!(cost(line), items * each, "{line}");
        }
        assert_eq!(cost("PRIVMSG a,b,c :hello, you"), 3);
        assert_eq!(cost("KICK #a bob,carol,dave :a,b"), 3);
        assert_eq!(cost("KICK :#a bob,carol"), 1);
    }
}
