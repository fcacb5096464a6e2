//! A mask matches itself and its own completion. The first line is the mask, the rest the text.

#![no_main]

use chat_protocol::Mask;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (mask, text) = input.split_once('\n').unwrap_or((input, ""));
    assert!(Mask::new(mask).matches(mask));
    assert!(Mask::new(&format!("*{text}*")).matches(input));
    Mask::new(mask).matches(text);

    let completed = Mask::of_source(mask);
    assert_eq!(Mask::of_source(completed.as_str()), completed);
});
