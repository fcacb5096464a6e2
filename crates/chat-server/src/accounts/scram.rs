//! The server's side of SCRAM-SHA-256, without channel binding. RFC 5802; RFC 7677.

use base64ct::{Base64, Encoding};
use chat_store::{AccountName, Verifier};
use ctutils::CtEq;

use super::name::{NAME_BYTES_MAX, given};
use super::verifier::{Hash, hash, hmac};

/// The most bytes of a client's nonce.
const NONCE_BYTES_MAX: usize = 128;

/// What a client says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientFirst {
    /// Whom it wants to act as, if that is said.
    pub(crate) authzid: Option<AccountName>,
    /// Who it is.
    pub(crate) name: AccountName,
    gs2_header: String,
    bare: String,
    nonce: String,
}

/// An exchange that waits for the client's proof.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    gs2_header: String,
    nonce: String,
    /// client-first-message-bare "," server-first-message
    messages: String,
    verifier: Verifier,
}

impl ClientFirst {
    /// Reads client-first-message; `None` if it is none, or asks for what is not there.
    pub(crate) fn parse(message: &str) -> Option<Self> {
        let (flag, rest) = message.split_once(',')?;
        // `y`: the client could bind to the channel and has seen that the server can't, which is
        // true. `p=` asks for a binding.
        if flag != "n" && flag != "y" {
            return None;
        }
        let (authzid, bare) = rest.split_once(',')?;
        let authzid = match authzid {
            "" => None,
            named => Some(saslname(named.strip_prefix("a=")?)?),
        };
        let mut attributes = bare.split(',');
        // `m=` would be an extension that has to be understood.
        let name = saslname(attributes.next()?.strip_prefix("n=")?)?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        let is_nonce = (1..=NONCE_BYTES_MAX).contains(&nonce.len())
            && nonce.bytes().all(|byte| byte.is_ascii_graphic());
        is_nonce.then(|| Self {
            authzid,
            name,
            gs2_header: message[..message.len() - bare.len()].to_owned(),
            bare: bare.to_owned(),
            nonce: nonce.to_owned(),
        })
    }

    /// Goes on with the verifier of the account and a nonce: also says server-first-message.
    pub(crate) fn answer(self, verifier: Verifier, server_nonce: &str) -> (Exchange, String) {
        let nonce = format!("{}{server_nonce}", self.nonce);
        let salt = Base64::encode_string(&verifier.salt);
        let server_first = format!("r={nonce},s={salt},i={}", verifier.iterations);
        let messages = format!("{},{server_first}", self.bare);
        (Exchange { gs2_header: self.gs2_header, nonce, messages, verifier }, server_first)
    }
}

impl Exchange {
    /// Reads client-final-message and says server-final-message; `None` if the proof is wrong.
    pub(crate) fn finish(&self, message: &str) -> Option<String> {
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        let mut attributes = without_proof.split(',');
        let binding = Base64::decode_vec(attributes.next()?.strip_prefix("c=")?).ok()?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        if binding != self.gs2_header.as_bytes() || nonce != self.nonce {
            return None;
        }
        let proof: Hash = Base64::decode_vec(proof).ok()?.try_into().ok()?;
        let signed = format!("{},{without_proof}", self.messages);
        let signature = hmac(&self.verifier.stored_key, signed.as_bytes());
        let client_key: Vec<u8> =
            proof.iter().zip(signature).map(|(one, other)| one ^ other).collect();
        if !hash(&client_key).ct_eq(&self.verifier.stored_key).to_bool() {
            return None;
        }
        let own = hmac(&self.verifier.server_key, signed.as_bytes());
        Some(format!("v={}", Base64::encode_string(&own)))
    }
}

/// A name in which comma and equals sign are written `=2C` and `=3D`.
fn saslname(text: &str) -> Option<AccountName> {
    let mut name = String::new();
    let mut parts = text.split('=');
    name.push_str(parts.next()?);
    for part in parts {
        let (character, rest) = match part.split_at_checked(2)? {
            ("2C", rest) => (',', rest),
            ("3D", rest) => ('=', rest),
            _ => return None,
        };
        name.push(character);
        name.push_str(rest);
    }
    (1..=NAME_BYTES_MAX).contains(&name.len()).then(|| given(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::verifier;

    /// The example of RFC 7677, section 3.
    const CLIENT_FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    const SERVER_NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const CLIENT_FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                                p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    fn exchange(client_first: &str) -> (Exchange, String) {
        let salt = Base64::decode_vec("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let verifier = verifier::with_salt("pencil", &salt, 4096);
        ClientFirst::parse(client_first).unwrap().answer(verifier, SERVER_NONCE)
    }

    #[test]
    fn the_example_of_the_specification() {
        let (exchange, server_first) = exchange(CLIENT_FIRST);
        assert_eq!(
            server_first,
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        );
        assert_eq!(
            exchange.finish(CLIENT_FINAL).as_deref(),
            Some("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
        );
    }

    #[test]
    fn anything_else_proves_nothing() {
        let (exchange, _) = exchange(CLIENT_FIRST);
        for wrong in [
            "",
            "c=biws",
            &CLIENT_FINAL.replace("p=d", "p=e"),
            &CLIENT_FINAL.replace("=", ""),
            &CLIENT_FINAL.replace("hNlF$k0", "hNlF$k1"),
            // The header has to be the one the client started with.
            &CLIENT_FINAL.replace("c=biws", "c=eSws"),
        ] {
            assert_eq!(exchange.finish(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn how_a_client_may_start() {
        let first = ClientFirst::parse("y,a=bo=2Cb,n=a=3Db,r=x").unwrap();
        assert_eq!((first.name.as_str(), first.gs2_header.as_str()), ("a=b", "y,a=bo=2Cb,"));
        assert_eq!(first.authzid.unwrap().as_str(), "bo,b");
        for wrong in [
            "",
            "n",
            "n,,",
            "n,,n=,r=x",
            "n,,n=user,r=",
            "n,,n=user",
            "n,user,n=user,r=x",
            "p=tls-unique,,n=user,r=x",
            "n,,m=ext,n=user,r=x",
            "n,,n=us=er,r=x",
            "n,,n=us=2,r=x",
            &format!("n,,n=user,r={}", "x".repeat(129)),
        ] {
            assert_eq!(ClientFirst::parse(wrong), None, "{wrong}");
        }
    }
}
