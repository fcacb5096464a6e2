//! Every command for every role: what `table.txt` does not expressly allow is refused.
//!
//! A command, a subcommand of a service, or a mode without a row fails this test.

mod names;
mod table;
mod world;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::thread;

use table::{Row, Table};
use world::{Outcome, ROLES, World};

const TABLE: &str = include_str!("table.txt");

#[test]
fn every_role_may_do_what_the_table_says_and_no_more() {
    let table = Table::parse(TABLE);
    let columns: Vec<Vec<Outcome>> = thread::scope(|scope| {
        let worlds: Vec<_> = (0..ROLES.len())
            .map(|column| {
                let rows = &table.rows;
                scope.spawn(move || {
                    let mut world = World::new(ROLES[column]);
                    rows.iter().map(|row| world.play(row)).collect()
                })
            })
            .collect();
        worlds.into_iter().map(|world| world.join().expect("the world goes on")).collect()
    });
    let mut wrong = String::new();
    for (at, row) in table.rows.iter().enumerate() {
        let outcomes: Vec<&Outcome> = columns.iter().map(|column| &column[at]).collect();
        report(row, &outcomes, &mut wrong);
    }
    assert!(wrong.is_empty(), "\n{wrong}\nThe lines above are what the server does.");
}

/// The row as it would have to be, and what was received where it is otherwise.
fn report(row: &Row, outcomes: &[&Outcome], wrong: &mut String) {
    let differs = |column: &usize| outcomes[*column].class != row.cells[*column];
    let different: Vec<usize> = (0..ROLES.len()).filter(differs).collect();
    if different.is_empty() {
        return;
    }
    let cells: Vec<&str> = outcomes.iter().map(|outcome| outcome.class.as_str()).collect();
    let _ = writeln!(wrong, "{}", row.with_cells(&cells));
    for column in different {
        let (role, expected) = (ROLES[column].name(), &row.cells[column]);
        let Outcome { class, seen } = outcomes[column];
        let _ = writeln!(wrong, "    {role}: {class}, not {expected}; seen:{seen}");
    }
}

#[test]
fn every_command_has_a_row() {
    let table = Table::parse(TABLE);
    // Tags may stand before it.
    let is_word = |word: &&str| !word.starts_with('@');
    let commands: BTreeSet<&str> =
        table.rows.iter().filter_map(|row| row.command.split(' ').find(is_word)).collect();
    assert!(commands.contains("JOIN"), "the rows can be read");
    let missing = |rows: &[String], has: &dyn Fn(&str) -> bool| -> Vec<String> {
        rows.iter().filter(|name| !has(name)).cloned().collect()
    };
    let mut wrong = missing(&names::commands(), &|name| commands.contains(name));
    for (service, alias) in [("nickserv", "NS"), ("chanserv", "CS")] {
        let names: Vec<String> =
            names::of_service(service).iter().map(|name| format!("{alias} {name}")).collect();
        wrong.extend(missing(&names, &|name| table.starts_with(name)));
    }
    wrong.extend(missing(&world::modes(), &|change| table.starts_with(change)));
    assert!(wrong.is_empty(), "these have no row in tests/tests/permissions/table.txt: {wrong:#?}");
}
