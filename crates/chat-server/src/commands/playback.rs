//! Entries of a history, as one batch.

use chat_protocol::{Capability, LineWriter};
use chat_store::Entry;

use crate::render::Playback;

use super::Context;

impl Context<'_> {
    /// Sends entries in their order: as a batch of this type, if the client knows batches. `target`
    /// is what the target is called now.
    pub(super) fn play(&mut self, batch: (&str, &[&str]), target: Option<&str>, entries: &[Entry]) {
        let id = self.open_batch(batch.0, batch.1);
        for entry in entries {
            if !self.has_room() {
                break;
            }
            let capabilities = self.client.session.capabilities();
            self.write(|speaker, out| {
                let (batch, bytes_max) = (id.as_deref(), speaker.bytes_max);
                Playback { capabilities, batch, target, bytes_max }.write(entry, out);
            });
        }
        self.close_batch(id.as_deref());
    }

    /// Starts a batch if the client knows them, and says what it is called.
    pub(super) fn open_batch(&mut self, kind: &str, params: &[&str]) -> Option<String> {
        let id = self.has(Capability::Batch).then(|| self.server.next_batch())?;
        self.write(|speaker, out| {
            let mut writer = LineWriter::new(out);
            writer.source(speaker.name).command("BATCH").param(&format!("+{id}")).param(kind);
            params.iter().for_each(|param| {
                writer.param(param);
            });
            writer.end();
        });
        Some(id)
    }

    /// A command of the server's as part of a batch.
    pub(super) fn write_in_batch(&mut self, id: Option<&str>, command: &str, params: &[&str]) {
        self.write(|speaker, out| {
            let mut writer = LineWriter::new(out);
            if id.is_some() {
                writer.tag("batch", id);
            }
            writer.source(speaker.name).command(command);
            params.iter().for_each(|param| {
                writer.param(param);
            });
            writer.end();
        });
    }

    pub(super) fn close_batch(&mut self, id: Option<&str>) {
        let Some(id) = id else { return };
        self.write(|speaker, out| {
            let mut writer = LineWriter::new(out);
            writer.source(speaker.name).command("BATCH").param(&format!("-{id}")).end();
        });
    }
}
