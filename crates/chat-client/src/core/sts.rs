//! What a server says of TLS. IRCv3, "Strict Transport Security".

/// The capability, which is never asked for.
pub(super) const STS: &str = "sts";

/// The value of the capability. What is not understood in it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sts {
    /// Where TLS is spoken. Counts for connections without it.
    pub(super) port: Option<u16>,
    /// For how many seconds the server is to be reached by TLS only. Counts for connections by TLS.
    pub(super) duration: Option<u64>,
}

impl Sts {
    /// Reads `port=6697,duration=3600`.
    pub(super) fn parse(value: &str) -> Self {
        let mut sts = Self::default();
        for token in value.split(',') {
            match token.split_once('=') {
                Some(("port", port)) => sts.port = port.parse().ok().filter(|port| *port != 0),
                Some(("duration", seconds)) => sts.duration = seconds.parse().ok(),
                _ => {}
            }
        }
        sts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let sts = |port, duration| Sts { port, duration };
        assert_eq!(Sts::parse("port=6697,duration=60,preload"), sts(Some(6697), Some(60)));
        assert_eq!(Sts::parse("duration=0"), sts(None, Some(0)));
        for nothing in ["", "port", "port=0", "port=70000", "duration=-1", "duration=soon,x=1"] {
            assert_eq!(Sts::parse(nothing), Sts::default(), "{nothing}");
        }
    }
}
