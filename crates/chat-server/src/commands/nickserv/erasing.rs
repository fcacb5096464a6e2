//! ERASE.

use crate::accounts::secret;
use crate::server::accounts::Erasure;

use super::{Answer, Context, own_account, say};

const ON_ITS_WAY: &str = "What you have said is being erased already";

/// `ERASE MESSAGES|AUTHOR`, then the same with the code.
pub(super) fn erase(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let account = own_account(cx)?;
    let what = params[0].to_ascii_uppercase();
    let keeps_text = match what.as_str() {
        "MESSAGES" => false,
        "AUTHOR" => true,
        _ => return Err("Say ERASE MESSAGES, or ERASE AUTHOR to keep them unsigned".to_owned()),
    };
    let Some(given) = params.get(1) else {
        let code = secret::word::<8>();
        let effect = if keeps_text {
            "takes your name from all that you have said"
        } else {
            "deletes all that you have said"
        };
        say(cx, &format!("This {effect}, everywhere and for good. To do it: ERASE {what} {code}"));
        let erasure = Erasure { account: account.clone(), keeps_text };
        cx.client.unfinished.erasure = Some(Box::new((erasure, code)));
        return Ok(());
    };
    let expected = cx.client.unfinished.erasure.take();
    let expected = expected.map(|it| *it).filter(|(erasure, code)| {
        erasure.account == account && erasure.keeps_text == keeps_text && code == given
    });
    let Some((erasure, _)) = expected else {
        return Err(format!("This is not the code. ERASE {what} alone says a new one."));
    };
    if cx.server.is_erasing(&account) {
        return Err(ON_ITS_WAY.to_owned());
    }
    let entry = cx.audit_entry("NickServ ERASE").on(account.as_str());
    cx.server.audit(&entry.with(&what.to_lowercase()))?;
    if !cx.server.erase(erasure) {
        return Err(ON_ITS_WAY.to_owned());
    }
    log::info!("The account {:?} erases what it has said", account.as_str());
    say(cx, "It is being done, and you are told when it is");
    Ok(())
}
