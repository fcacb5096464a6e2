//! Mode changes are written back so that they parse to the same. The first word holds the modes.

#![no_main]

use chat_protocol::mode::{Arity, format, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (modes, args) = input.split_once(' ').unwrap_or((input, ""));
    let args: Vec<&str> = args.split(' ').collect();
    let changes: Vec<_> = parse(modes, &args, arity).flatten().collect();
    let (modes, args) = format(changes.clone());
    assert!(parse(&modes, &args, arity).eq(changes.iter().copied().map(Ok)));
});

fn arity(mode: char) -> Option<Arity> {
    match mode {
        'b' => Some(Arity::List),
        'k' | 'o' => Some(Arity::Always),
        'l' => Some(Arity::WhenSet),
        'n' => Some(Arity::Never),
        _ => None,
    }
}
