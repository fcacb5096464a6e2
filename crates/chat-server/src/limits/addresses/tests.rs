use super::*;
use std::time::Duration;

const WINDOW: Duration = Duration::from_secs(60);

fn limits() -> AddressLimits {
    AddressLimits {
        prefixes: Prefixes::default(),
        connections_max: 3,
        unregistered_max: 2,
        new: Some(Rate::within(6, WINDOW)),
        all_unregistered_max: 4,
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn an_address_has_so_many_connections() {
    let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
    let come = |text: &str| addresses.take_place(ip(text), Some(&limits()), now);
    let first = come("192.0.2.1").unwrap();
    let second = come("192.0.2.1").unwrap();
    assert_eq!(come("::ffff:192.0.2.1").unwrap_err(), TooMany::Unregistered);
    first.registered();
    let third = come("192.0.2.1").unwrap();
    assert_eq!(come("192.0.2.1").unwrap_err(), TooMany::Connections);
    let other = come("192.0.2.2").unwrap();
    drop((first, second, third, other));
    assert!(come("192.0.2.1").is_ok());
    assert_eq!(come("192.0.2.1").unwrap_err(), TooMany::TooFast);
}

#[test]
fn new_connections_come_one_after_the_other_once_there_were_many() {
    let (addresses, start) = (Arc::new(Addresses::default()), Instant::now());
    let come = |now| addresses.take_place(ip("192.0.2.1"), Some(&limits()), now).map(drop);
    assert!((0..6).all(|_| come(start).is_ok()));
    assert_eq!(come(start), Err(TooMany::TooFast));
    // No moment at which as many may come again.
    let next = start + WINDOW / 6;
    assert_eq!((come(next), come(next)), (Ok(()), Err(TooMany::TooFast)));
}

#[test]
fn a_network_of_ipv6_is_one_address() {
    let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
    let come = |text: &str| addresses.take_place(ip(text), Some(&limits()), now);
    let _places = [come("2001:db8::1").unwrap(), come("2001:db8::ffff:2").unwrap()];
    assert_eq!(come("2001:db8:0:0:9::3").unwrap_err(), TooMany::Unregistered);
    assert!(come("2001:db8:0:1::1").is_ok());
}

#[test]
fn all_addresses_together_have_so_many_that_wait() {
    let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
    let come =
        |last: u8| addresses.take_place(IpAddr::from([192, 0, 2, last]), Some(&limits()), now);
    let places: Vec<_> = (0..4).map(|last| come(last).unwrap()).collect();
    assert_eq!(come(9).unwrap_err(), TooMany::UnregisteredOfAll);
    places[0].registered();
    assert!(come(10).is_ok());
}

#[test]
fn who_is_exempt_does_not_count_until_it_no_longer_is() {
    let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
    let limits = limits();
    let come = |limits| addresses.take_place(ip("192.0.2.1"), limits, now);
    let places: Vec<_> = (0..9).map(|_| come(None).unwrap()).collect();
    places[..8].iter().for_each(AddressPlace::registered);
    let counted = come(Some(&limits)).unwrap();
    addresses.follow(Prefixes::default(), |_| false);
    assert_eq!(come(Some(&limits)).unwrap_err(), TooMany::Connections);
    addresses.follow(Prefixes::default(), |_| true);
    let other = come(Some(&limits)).unwrap();
    drop((places, counted, other));
    let table = lock(&addresses.0);
    let left = table.networks[&ip("192.0.2.1")];
    assert_eq!((left.connections, left.unregistered, table.unregistered), (0, 0, 0));
    assert!(table.places.is_empty());
}

#[test]
fn connections_follow_what_counts_as_one_address() {
    let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
    let come = |last: u8, limits: &AddressLimits| {
        addresses.take_place(IpAddr::from([192, 0, 2, last]), Some(limits), now)
    };
    let _places = [come(1, &limits()).unwrap(), come(2, &limits()).unwrap()];
    let prefixes = Prefixes { ipv4: 24, ipv6: 64 };
    addresses.follow(prefixes, |_| false);
    let wide = AddressLimits { prefixes, ..limits() };
    assert_eq!(come(3, &wide).unwrap_err(), TooMany::Unregistered);
}

#[test]
fn the_table_does_not_grow_for_ever() {
    let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
    let limits = AddressLimits { all_unregistered_max: 0, ..limits() };
    let stays = addresses.take_place(ip("192.0.2.1"), Some(&limits), now).unwrap();
    for network in 0..2 * IDLE_MAX as u128 {
        let address = IpAddr::V6(std::net::Ipv6Addr::from_bits((1 << 120) + (network << 64)));
        drop(addresses.take_place(address, Some(&limits), now));
    }
    let table = lock(&addresses.0);
    assert!(table.networks.len() <= IDLE_MAX + 1);
    assert_eq!(table.networks[&ip("192.0.2.1")].connections, 1);
    assert_eq!((table.unregistered, table.places.len()), (1, 1));
    drop(table);
    drop(stays);
}
