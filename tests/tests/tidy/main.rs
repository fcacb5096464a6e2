//! Holds what ARCHITECTURE.md and CONTRIBUTING.md say of the sources.

mod layers;
mod sources;

use std::path::Path;

use chat_protocol::Capability;
use sources::{Source, sources_below};

/// The most lines of a source file: what can be read in one go.
const LINES_MAX: usize = 400;

#[test]
fn imports_in_the_server_point_one_way() {
    let mut wrong = Vec::new();
    for source in sources_below("crates/chat-server/src") {
        for import in source.crate_imports() {
            if let Err(why) = layers::check(source.module(), import.module) {
                wrong.push(format!("{}:{}: {why}", source.path, import.line));
            }
        }
    }
    nothing(&wrong);
}

#[test]
fn the_core_of_the_client_knows_no_outside() {
    const OUTSIDE: [&str; 5] = ["line", "net", "output", "plain", "session"];
    let mut wrong = Vec::new();
    for source in sources_below("crates/chat-client/src/core") {
        let imports = source.crate_imports();
        wrong.extend(imports.iter().filter(|import| OUTSIDE.contains(&import.module)).map(
            |import| {
                format!(
                    "{}:{}: core must not use crate::{}",
                    source.path, import.line, import.module
                )
            },
        ));
        wrong.extend(source.lines_with(&["std::net", "std::thread", "rustyline"]));
    }
    nothing(&wrong);
}

#[test]
fn the_client_does_not_know_the_server() {
    let manifest = sources::read("crates/chat-client/Cargo.toml");
    assert!(!manifest.contains("chat-server"), "chat-client/Cargo.toml must not name chat-server");
    let sources = sources_below("crates/chat-client/src");
    nothing(&sources.iter().flat_map(|it| it.lines_with(&["chat_server"])).collect::<Vec<_>>());
}

#[test]
fn only_the_engine_speaks_sql() {
    let engine = "crates/chat-store/src/sqlite/";
    let sources = sources_below("crates");
    let outside =
        sources.iter().filter(|it| it.path.contains("/src/") && !it.path.starts_with(engine));
    nothing(&outside.flat_map(|it| it.lines_with(&["rusqlite"])).collect::<Vec<_>>());
}

#[test]
fn every_command_has_a_row_a_file_and_a_scenario() {
    let table = sources::read("crates/chat-server/src/commands/mod.rs");
    let rows: Vec<_> = table.split("Command { name: \"").skip(1).collect();
    assert!(rows.len() > 30, "the table of commands has {} rows that can be read", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let name = row.split('"').next().unwrap_or_default();
        let module = row.split_once("run: ").and_then(|(_, run)| run.split_once("::"));
        let (module, _) =
            module.unwrap_or_else(|| panic!("the row of {name} has no `run: module::function`"));
        let file = format!("crates/chat-server/src/commands/{module}.rs");
        let folder = format!("crates/chat-server/src/commands/{module}/mod.rs");
        let scenario = format!("tests/scenarios/commands/{}.txt", name.to_lowercase());
        if !sources::exists(&file) && !sources::exists(&folder) {
            wrong.push(format!("{name} has no {file}"));
        }
        if !sources::exists(&scenario) {
            wrong.push(format!("{name} has no {scenario}"));
        }
    }
    nothing(&wrong);
}

#[test]
fn every_capability_has_a_scenario() {
    let scenarios = Capability::ALL.iter().map(|capability| {
        format!("tests/scenarios/capabilities/{}.txt", capability.name().replace('-', "_"))
    });
    nothing(&scenarios.filter(|path| !sources::exists(path)).collect::<Vec<_>>());
}

#[test]
fn files_are_short() {
    let sources = all_sources();
    let long = sources.iter().filter(|source| source.text.lines().count() > LINES_MAX);
    nothing(
        &long.map(|it| format!("{} has more than {LINES_MAX} lines", it.path)).collect::<Vec<_>>(),
    );
}

#[test]
fn nothing_is_left_to_be_done() {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    nothing(&all_sources().iter().flat_map(|it| it.lines_with(&words)).collect::<Vec<_>>());
}

#[test]
fn lints_are_allowed_for_a_reason() {
    const ATTRIBUTES: [&str; 2] = [concat!("[al", "low("), concat!("[ex", "pect(")];
    let mut wrong = Vec::new();
    for source in all_sources() {
        for attribute in ATTRIBUTES {
            let found =
                source.text.split(attribute).skip(1).filter_map(|rest| rest.split(")]").next());
            let bare = found.filter(|lints| !lints.contains("reason = "));
            wrong.extend(bare.map(|lints| format!("{}: {lints} without a reason", source.path)));
        }
    }
    nothing(&wrong);
}

#[test]
fn tests_wait_for_events_and_not_for_time() {
    let in_tests = |source: &&Source| {
        let path = Path::new(&source.path);
        source.path.starts_with("tests/")
            || path.components().any(|part| part.as_os_str() == "tests")
            || path.file_stem().is_some_and(|stem| stem == "tests")
    };
    let sources = all_sources();
    let sleeping =
        sources.iter().filter(in_tests).flat_map(|it| it.lines_with(&[concat!("sle", "ep(")]));
    nothing(&sleeping.collect::<Vec<_>>());
}

fn all_sources() -> Vec<Source> {
    let mut sources = sources_below("crates");
    sources.extend(sources_below("tests"));
    sources
}

#[track_caller]
fn nothing(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
