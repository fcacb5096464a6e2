//! A name that parses is a name again, and its key is the key of its text.

#![no_main]

use chat_protocol::{ChannelKey, ChannelName, NickKey, Nickname, casemapping};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let folded = casemapping::fold(text);
    assert_eq!(casemapping::fold(&folded), folded);

    if let Ok(name) = Nickname::parse(text, 32) {
        assert_eq!(Nickname::parse(name.as_str(), 32).map(|again| again.key()), Ok(name.key()));
        assert_eq!(NickKey::of(name.as_str()), name.key());
    }
    if let Ok(name) = ChannelName::parse(text, 64) {
        assert_eq!(ChannelName::parse(name.as_str(), 64).map(|again| again.key()), Ok(name.key()));
        assert_eq!(ChannelKey::of(name.as_str()), name.key());
    }
});
