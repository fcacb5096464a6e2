use super::*;
use proptest::prelude::*;

fn bob() -> Subject {
    let hosts = ["cloak.example", "192.0.2.7"];
    Subject::new("192.0.2.7".parse().ok(), ("Bob", "~u"), hosts, Some("Robert"))
}

fn client(text: &str) -> BanMask {
    BanMask::of_client(text).unwrap_or_else(|why| panic!("{text}: {why}"))
}

#[test]
fn networks_contain_addresses() {
    for text in ["192.0.2.7", "192.0.2.0/24", "192.0.2.99/24", "::ffff:192.0.2.7"] {
        let mask = BanMask::of_address(text).unwrap();
        assert!(mask.matches(&bob()), "{text}");
        assert_eq!(BanMask::stored(BanKind::Address, &mask.shown()), Some(mask));
    }
    assert!(!BanMask::of_address("192.0.3.0/24").unwrap().matches(&bob()));
    assert!(!BanMask::of_address("2001:db8::/32").unwrap().matches(&bob()));
    assert_eq!(BanMask::of_address("192.0.2.99/24").unwrap().shown(), "192.0.2.0/24");
    assert_eq!(BanMask::of_address("::1").unwrap().shown(), "0::1");
    for wrong in ["", "bob", "192.0.2.0/33", "192.0.2.0/+8", "192.0.2", "10.0.0.0/7", "::/0"] {
        assert!(BanMask::of_address(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn masks_mean_the_shown_host_and_the_real_one() {
    for text in [
        "bob",
        "*!~u@*.example",
        "*!*@192.0.2.*",
        "BOB!*@*",
        "*!*@192.0.2.0/24",
        "~u@192.0.2.7/32",
        "192.0.2.7",
        "~a:robert",
        "~a:ROB*",
    ] {
        let mask = client(text);
        assert!(mask.matches(&bob()), "{text}");
        assert_eq!(BanMask::stored(mask.kind(), &mask.shown()), Some(mask));
    }
    for text in ["alice", "*!*@192.0.3.0/24", "x!*@192.0.2.0/24", "~a:bob", "*!x@192.0.2.*"] {
        assert!(!client(text).matches(&bob()), "{text}");
    }
    assert_eq!(client("*!*@192.0.2.9/24").shown(), "*!*@192.0.2.0/24");
}

#[test]
fn what_means_everybody_is_refused() {
    for wide in ["*", "*!*@*", "*!*@*.*", "*!*@?*.?*", "~a:*", "~a:?*", "*!*@0.0.0.0/0", "*@*1*"] {
        assert!(BanMask::of_client(wide).is_err(), "{wide}");
    }
    for wrong in ["", "~a:", "~t:1:bob", "a b", ":x", "bob!*@10.0.0.0/x", &"x".repeat(300)] {
        assert!(BanMask::of_client(wrong).is_err(), "{wrong}");
    }
    assert!(BanMask::of_client("~a:al").is_ok());
    assert!(BanMask::of_client("al!*@*").is_ok());
}

#[test]
fn accounts_are_composed_as_their_names_are() {
    assert_eq!(client("~a:cafe\u{301}"), client("~a:CAF\u{e9}"));
}

proptest! {
    #[test]
    fn whatever_is_a_mask_is_read_back(text in "[a-z~!@*?:./0-9é\n ]{0,20}") {
        if let Ok(mask) = BanMask::of_any(&text) {
            let shown = mask.shown();
            prop_assert!(!shown.starts_with(':') && !shown.contains(is_no_part));
            prop_assert_eq!(BanMask::stored(mask.kind(), &shown), Some(mask));
        }
    }
}

#[test]
fn a_bare_address_on_the_command_line_is_one() {
    assert_eq!(BanMask::of_any("192.0.2.7").unwrap().kind(), BanKind::Address);
    assert_eq!(BanMask::of_any("*@192.0.2.7").unwrap().kind(), BanKind::Mask);
    assert_eq!(BanMask::of_any("~a:bob").unwrap().kind(), BanKind::Account);
    assert!(BanMask::of_any("0.0.0.0/0").is_err());
}
