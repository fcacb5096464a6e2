//! What is looked at in a report.

/// A number of a report.
#[derive(Clone, Copy)]
pub(super) struct Metric {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    /// None if it is looked at by itself and not held against others'.
    pub(super) better: Option<Better>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    Less,
    More,
}

const CPU: Metric = less("server_cpu_us_per_delivery", "CPU µs per delivery");
const RATE: Metric = more("deliveries_per_s", "deliveries/s");
const CONNECTION_CPU: Metric = less("server_cpu_us_per_connection", "CPU µs per connection");

pub(super) const FANOUT: &[Metric] = &[CPU, RATE];
pub(super) const PACED: &[Metric] =
    &[CPU, less("delivery_p50_us", "p50 µs"), less("delivery_p99_us", "p99 µs")];
pub(super) const PINGPONG: &[Metric] =
    &[CPU, less("round_trip_p50_us", "p50 µs"), less("round_trip_p99_us", "p99 µs")];
pub(super) const IDLE: &[Metric] =
    &[CONNECTION_CPU, alone("rss_kib_per_connection", "RSS KiB per connection")];
pub(super) const JOIN: &[Metric] = &[CONNECTION_CPU];
pub(super) const SLOW: &[Metric] = &[
    less("p99_us_without", "p99 µs without"),
    less("p99_us_with", "p99 µs with"),
    alone("p99_ratio", "with to without"),
    alone("cut_off", "cut off"),
    alone("cut_off_after_s", "cut off after s"),
    alone("rss_kib_growth", "RSS growth KiB"),
];
pub(super) const CHURN: &[Metric] = &[
    CONNECTION_CPU,
    alone("rss_kib_at_the_start", "RSS KiB at the start"),
    alone("rss_kib_at_the_end", "RSS KiB at the end"),
    alone("threads_before", "threads before"),
    alone("threads_after", "threads after"),
    alone("descriptors_before", "descriptors before"),
    alone("descriptors_after", "descriptors after"),
];

const fn less(key: &'static str, label: &'static str) -> Metric {
    Metric { key, label, better: Some(Better::Less) }
}

const fn more(key: &'static str, label: &'static str) -> Metric {
    Metric { key, label, better: Some(Better::More) }
}

const fn alone(key: &'static str, label: &'static str) -> Metric {
    Metric { key, label, better: None }
}
