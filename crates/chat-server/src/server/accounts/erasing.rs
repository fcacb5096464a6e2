//! What an account has said is taken out of history, or its name, a little at a time.

use std::collections::VecDeque;
use std::sync::Mutex;

use chat_protocol::LineWriter;
use chat_store::{AccountName, StoreError};

use crate::accounts::name::NICKSERV;
use crate::lock::lock;
use crate::outbound::Delivery;
use crate::server::Server;

/// What somebody has asked to be forgotten.
#[derive(Debug, Clone)]
pub(crate) struct Erasure {
    pub(crate) account: AccountName,
    /// The messages stay, without their author.
    pub(crate) keeps_text: bool,
}

/// Those that have been asked for, one for each account, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Erasures(Mutex<VecDeque<Erasure>>);

impl Server {
    /// Has it done soon; `false` if one of the account is on its way. All that was said before is in
    /// it.
    pub(crate) fn erase(&self, erasure: Erasure) -> bool {
        self.sequencer.wait();
        let mut erasures = lock(&self.accounts.erasures.0);
        if erasures.iter().any(|other| other.account == erasure.account) {
            return false;
        }
        erasures.push_back(erasure);
        true
    }

    /// Whether what an account has said is on its way.
    pub(crate) fn is_erasing(&self, account: &AccountName) -> bool {
        lock(&self.accounts.erasures.0).iter().any(|other| other.account == *account)
    }

    /// An account has another name: what it has said goes by it.
    pub(crate) fn rename_in_erasures(&self, from: &AccountName, to: &AccountName) {
        let mut erasures = lock(&self.accounts.erasures.0);
        for erasure in erasures.iter_mut().filter(|erasure| erasure.account == *from) {
            erasure.account.clone_from(to);
        }
    }

    /// Erases some entries, at most `step`; `false` if there was nothing to do.
    pub(crate) fn erase_some(
        &self,
        step: usize,
        delivery: &mut Delivery,
    ) -> Result<bool, StoreError> {
        let erasure = lock(&self.accounts.erasures.0).front().cloned();
        let Some(Erasure { account, keeps_text }) = erasure else { return Ok(false) };
        if self.store.erase_author(&account, keeps_text, step)? == 0 {
            lock(&self.accounts.erasures.0).retain(|other| other.account != account);
            log::info!("What the account {:?} has said is erased", account.as_str());
            self.tell_erased(&account, keeps_text, delivery);
        }
        Ok(true)
    }

    fn tell_erased(&self, account: &AccountName, keeps_text: bool, delivery: &mut Delivery) {
        let text = if keeps_text {
            "Your name is erased from what you have said"
        } else {
            "What you have said is erased"
        };
        let source = format!("{NICKSERV}!{NICKSERV}@{}", self.name());
        for session in self.sessions_of(account) {
            let Some(user) = session.user() else { continue };
            let mut line = String::new();
            let mut writer = LineWriter::new(&mut line);
            writer.source(&source).command("NOTICE").param(user.nickname().as_str());
            writer.trailing(text).end_within(self.line_bytes_max());
            delivery.append(&session.outbound, line.as_bytes(), false);
        }
    }
}
