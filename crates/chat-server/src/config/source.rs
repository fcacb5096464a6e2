//! Where the configuration comes from.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::{Config, ListenConfig, checked_server_name};

/// A file, and what was said on the command line, which goes before it. Read at the start and again
/// whenever somebody asks for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    pub(crate) file: Option<PathBuf>,
    /// Where to listen, if that was said.
    pub(crate) listen: Vec<SocketAddr>,
    pub(crate) name: Option<String>,
    pub(crate) data: Option<PathBuf>,
}

impl Source {
    /// The configuration as it is written now.
    pub(crate) fn read(&self) -> anyhow::Result<Config> {
        let mut config = match &self.file {
            Some(file) => Config::read(file)?,
            None => Config::default(),
        };
        if !self.listen.is_empty() {
            config.server.listen = self.listen.iter().copied().map(ListenConfig::at).collect();
        }
        if let Some(name) = &self.name {
            config.server.name = checked_server_name(name.clone())?;
        }
        if let Some(data) = &self.data {
            config.server.data.clone_from(data);
        }
        Ok(config)
    }

    /// The file, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}
