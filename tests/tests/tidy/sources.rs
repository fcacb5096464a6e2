//! The sources of the workspace as text.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
pub(crate) struct Source {
    /// From the root of the workspace.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A path that starts with `crate::`.
pub(crate) struct Import<'s> {
    pub(crate) line: usize,
    /// The first name after `crate::`.
    pub(crate) module: &'s str,
}

impl Source {
    /// The top-level module this file is part of.
    pub(crate) fn module(&self) -> &str {
        let inside = self.path.split_once("/src/").map_or(self.path.as_str(), |(_, inside)| inside);
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Every `crate::name` in it.
    pub(crate) fn crate_imports(&self) -> Vec<Import<'_>> {
        let lines =
            (1..).zip(self.text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"));
        lines
            .flat_map(|(line, text)| {
                let paths = text.split("crate::").skip(1);
                paths.map(move |path| Import { line, module: first_name(path) })
            })
            .collect()
    }

    /// Where one of these words stands.
    pub(crate) fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let lines = (1..).zip(self.text.lines());
        let found = lines.filter(|(_, text)| words.iter().any(|word| text.contains(word)));
        found.map(|(line, text)| format!("{}:{line}: {}", self.path, text.trim())).collect()
    }
}

fn first_name(path: &str) -> &str {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let end = path.find(|character| !is_name(character)).unwrap_or(path.len());
    &path[..end]
}

/// Every `.rs` file below a folder of the workspace.
pub(crate) fn sources_below(folder: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root().join(folder), &mut sources);
    assert!(!sources.is_empty(), "there are no sources below {folder}");
    sources
}

/// The text of a file of the workspace.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether there is such a file.
pub(crate) fn exists(path: &str) -> bool {
    root().join(path).is_file()
}

fn collect(folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the sources can be read") {
        let path = entry.expect("the sources can be read").path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("sources are text");
            let path = path.strip_prefix(root()).expect("it lies below the root");
            sources.push(Source { path: path.display().to_string(), text });
        }
    }
}

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the crate lies in the workspace").to_owned()
}
