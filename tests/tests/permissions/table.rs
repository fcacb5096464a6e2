//! The table as text. It says itself how it is read.

use crate::world::ROLES;

pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
}

/// One command and what becomes of it.
pub(crate) struct Row {
    /// What others say first: who, and the line.
    pub(crate) given: Vec<(String, String)>,
    pub(crate) command: String,
    /// In the order of the roles.
    pub(crate) cells: Vec<String>,
    /// What somebody sees when it is done.
    pub(crate) done: String,
}

impl Table {
    pub(crate) fn parse(text: &str) -> Self {
        let (mut rows, mut given) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines().map(str::trim_end)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(step) = line.strip_prefix("given ") {
                let (who, what) = step.split_once(" > ").unwrap_or_else(|| wrong(number, line));
                given.push((who.to_owned(), what.to_owned()));
                continue;
            }
            let (command, rest) = line.split_once("  ").unwrap_or_else(|| wrong(number, line));
            let mut rest = rest.trim_start();
            let mut cells = Vec::new();
            for _ in ROLES {
                let (cell, after) = rest.split_once(' ').unwrap_or_else(|| wrong(number, line));
                cells.push(cell.to_owned());
                rest = after.trim_start();
            }
            if command == "command" {
                let names = ROLES.map(|role| role.name().to_owned());
                assert_eq!(cells, names, "line {number}: the columns are these");
                continue;
            }
            let given = std::mem::take(&mut given);
            rows.push(Row { given, command: command.to_owned(), cells, done: rest.to_owned() });
        }
        assert!(given.is_empty(), "the last step has no row after it");
        Self { rows }
    }

    /// Whether there is a row for what starts so.
    pub(crate) fn starts_with(&self, start: &str) -> bool {
        self.rows.iter().any(|row| {
            let rest = row.command.strip_prefix(start);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    }
}

impl Row {
    /// The row with other cells.
    pub(crate) fn with_cells(&self, cells: &[&str]) -> String {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<5}")).collect();
        format!("{:<44}  {} {}", self.command, cells.join(" "), self.done)
    }
}

fn wrong(number: usize, line: &str) -> ! {
    panic!("table.txt, line {number} is neither a row nor a step: {line}")
}
