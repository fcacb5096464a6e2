//! The server's modules, in the order in which they may import each other.

/// From the top to the bottom. A module imports from layers below its own, never from its own or
/// from above.
const LAYERS: &[&[&str]] = &[
    &["main"],
    &["cli", "net", "logging"],
    &["commands", "web"],
    &["server"],
    &["config", "data", "render"],
    &["accounts", "state", "store", "cluster", "tls"],
    &["limits"],
    &["outbound"],
    &["current", "metrics"],
    &["fault", "lock", "panics"],
];

/// Whether `module` may import `imported`; if not, why.
pub(crate) fn check(module: &str, imported: &str) -> Result<(), String> {
    if module == imported || layer(module)? < layer(imported)? {
        return Ok(());
    }
    let order: Vec<_> = LAYERS.iter().map(|layer| layer.join(", ")).collect();
    Err(format!("{module} must not use crate::{imported}: imports go down, {}", order.join(" → ")))
}

fn layer(module: &str) -> Result<usize, String> {
    let layer = LAYERS.iter().position(|layer| layer.contains(&module));
    layer.ok_or_else(|| {
        format!("the module {module} has no layer: give it one in tests/tidy/layers.rs")
    })
}

#[test]
fn imports_that_go_up_or_sideways_are_found() {
    assert!(check("net", "state").is_ok());
    assert!(check("state", "state").is_ok());
    assert!(check("state", "server").is_err());
    assert!(check("limits", "state").is_err());
    assert!(check("state", "new_module").is_err());
}
