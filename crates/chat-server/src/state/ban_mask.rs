//! Whom a ban from the server means: an address or a network, a mask, or an account.

use std::net::IpAddr;
use std::str::FromStr;

use chat_protocol::{Mask, Nickname, casemapping};
use chat_store::BanKind;
use ipnet::IpNet;

/// Starts the name of an account, as in the lists of rooms.
const ACCOUNT: &str = "~a:";
/// The longest mask.
const MASK_BYTES_MAX: usize = 200;
/// A mask with wildcards has at least so many other characters.
const CHARS_MIN: usize = 3;
/// No network is larger.
const PREFIX_MIN: (u8, u8) = (8, 16);

/// Whom a ban means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BanMask {
    /// Whoever connects from there.
    Network(IpNet),
    /// `nickname!username@hostname`, or with a network in place of the hostname.
    Client(ClientMask),
    /// Who logs in to such an account.
    Account(Mask),
}

/// A mask of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientMask {
    /// As it is written; where there is a network, a mask of what stands before it.
    text: Mask,
    shown: String,
    network: Option<IpNet>,
}

/// Who is looked at. Texts are folded.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// None: it is not connected.
    address: Option<IpAddr>,
    /// Its source with the host that is shown.
    source: String,
    /// The same with the real host, if that is another.
    hidden: Option<String>,
    account: Option<String>,
}

impl Subject {
    /// `hosts`: the one that is shown, and the real one.
    pub(crate) fn new(
        address: Option<IpAddr>,
        (nickname, username): (&str, &str),
        [shown, real]: [&str; 2],
        account: Option<&str>,
    ) -> Self {
        let source = |host| casemapping::fold(&format!("{nickname}!{username}@{host}"));
        let account = account.map(casemapping::fold);
        let hidden = (shown != real).then(|| source(real));
        Self {
            address: address.map(|it| it.to_canonical()),
            source: source(shown),
            hidden,
            account,
        }
    }
}

impl Subject {
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    fn is_in(&self, network: IpNet) -> bool {
        self.address.is_some_and(|address| network.contains(&address))
    }
}

impl BanMask {
    /// An address or a network, as DLINE takes it. The error says what is wrong.
    pub(crate) fn of_address(text: &str) -> Result<Self, &'static str> {
        let network =
            network(text).ok_or("it is no address, and no network such as 192.0.2.0/24")?;
        if is_wide(network) {
            return Err("it means too many addresses");
        }
        Ok(Self::Network(network))
    }

    /// A mask or `~a:account`, as KLINE takes it. Completes a mask as people write it. The error says
    /// what is wrong.
    pub(crate) fn of_client(text: &str) -> Result<Self, &'static str> {
        if text.len() > MASK_BYTES_MAX || text.contains(is_no_part) || text.starts_with(':') {
            return Err("it can't be a mask");
        }
        let mask = Self::parse_client(text).ok_or("it can't be a mask")?;
        if mask.means_too_many() {
            return Err("it means too many: give it more than wildcards");
        }
        Ok(mask)
    }

    /// Either, as the command line takes it: a bare address is one.
    pub(crate) fn of_any(text: &str) -> Result<Self, &'static str> {
        if network(text).is_some() { Self::of_address(text) } else { Self::of_client(text) }
    }

    /// Reads back what was stored.
    pub(crate) fn stored(kind: BanKind, mask: &str) -> Option<Self> {
        match kind {
            BanKind::Address => network(mask).map(Self::Network),
            BanKind::Mask => Self::parse_client(mask),
            BanKind::Account => Some(Self::Account(account_mask(mask.strip_prefix(ACCOUNT)?))),
        }
    }

    fn parse_client(text: &str) -> Option<Self> {
        if let Some(account) = text.strip_prefix(ACCOUNT) {
            return (!account.is_empty()).then(|| Self::Account(account_mask(account)));
        }
        if text.is_empty() || text.starts_with('~') && !text.contains('@') {
            return None;
        }
        let whole = Mask::of_source(text);
        let (user, host) = whole.as_str().rsplit_once('@')?;
        // `/` stands in no hostname.
        let network = if host.contains('/') { Some(network(host)?) } else { None };
        Some(Self::Client(match network {
            Some(network) => ClientMask {
                text: Mask::new(&format!("{user}@*")),
                shown: format!("{user}@{network}"),
                network: Some(network),
            },
            None => ClientMask { shown: whole.as_str().to_owned(), text: whole, network: None },
        }))
    }

    pub(crate) fn kind(&self) -> BanKind {
        match self {
            Self::Network(_) => BanKind::Address,
            Self::Client(_) => BanKind::Mask,
            Self::Account(_) => BanKind::Account,
        }
    }

    /// As it is shown and stored.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Network(network) => shown(*network),
            Self::Client(mask) => mask.shown.clone(),
            Self::Account(account) => format!("{ACCOUNT}{account}"),
        }
    }

    /// Whether it means somebody.
    pub(crate) fn matches(&self, subject: &Subject) -> bool {
        match self {
            Self::Network(network) => subject.is_in(*network),
            Self::Client(mask) => mask.matches(subject),
            Self::Account(mask) => {
                subject.account.as_deref().is_some_and(|account| mask.matches_folded(account))
            }
        }
    }

    /// A slip of the finger is not to empty the server.
    fn means_too_many(&self) -> bool {
        match self {
            Self::Network(network) => is_wide(*network),
            Self::Account(mask) => mask.has_wildcards() && literals(mask.as_str()) < CHARS_MIN,
            Self::Client(mask) => {
                let nickname = mask.shown.split('!').next().unwrap_or_default();
                let names_one = !nickname.contains(['*', '?']);
                let is_narrow = mask.network.is_some_and(|network| !is_wide(network));
                !names_one && !is_narrow && literals(mask.text.as_str()) < CHARS_MIN
            }
        }
    }
}

impl ClientMask {
    fn matches(&self, subject: &Subject) -> bool {
        self.network.is_none_or(|network| subject.is_in(network))
            && (self.text.matches_folded(&subject.source)
                || subject.hidden.as_ref().is_some_and(|hidden| self.text.matches_folded(hidden)))
    }
}

/// An address or a network, with what the prefix leaves out set to zero.
fn network(text: &str) -> Option<IpNet> {
    let network = match text.split_once('/') {
        // A sign would be parsed too.
        Some((_, prefix)) if !prefix.bytes().all(|byte| byte.is_ascii_digit()) => return None,
        Some(_) => IpNet::from_str(text).ok()?.trunc(),
        None => IpNet::from(IpAddr::from_str(text).ok()?.to_canonical()),
    };
    Some(network)
}

fn shown(network: IpNet) -> String {
    let is_one = network.prefix_len() == network.max_prefix_len();
    let text = if is_one { network.addr().to_string() } else { network.to_string() };
    // What starts with a colon is no parameter of a line.
    if text.starts_with(':') { format!("0{text}") } else { text }
}

/// A name is composed as names are; what has wildcards is none.
fn account_mask(text: &str) -> Mask {
    let name = Nickname::parse(text, MASK_BYTES_MAX);
    name.map_or_else(|_| Mask::new(text), |name| Mask::new(name.as_str()))
}

fn is_no_part(character: char) -> bool {
    character.is_control() || matches!(character, ' ' | ',')
}

fn is_wide(network: IpNet) -> bool {
    let min = if network.addr().is_ipv4() { PREFIX_MIN.0 } else { PREFIX_MIN.1 };
    network.prefix_len() < min
}

fn literals(mask: &str) -> usize {
    mask.chars().filter(|c| c.is_alphanumeric()).count()
}

#[cfg(test)]
mod tests;
