//! Which commands there are, as the sources have them.

use std::path::Path;

/// Every row of the table of commands.
pub(crate) fn commands() -> Vec<String> {
    names("crates/chat-server/src/commands/mod.rs", " Command { name: \"", 40)
}

/// Every row of a service's table.
pub(crate) fn of_service(service: &str) -> Vec<String> {
    let path = format!("crates/chat-server/src/commands/{service}/mod.rs");
    names(&path, "ServiceCommand { name: \"", 10)
}

fn names(path: &str, start: &str, expected_min: usize) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it lies in the workspace");
    let text = std::fs::read_to_string(root.join(path)).expect("the sources can be read");
    let rows = text.split(start).skip(1).filter_map(|row| row.split('"').next());
    let names: Vec<String> = rows.map(str::to_owned).collect();
    assert!(names.len() >= expected_min, "{path} has {} rows that can be read", names.len());
    names
}
