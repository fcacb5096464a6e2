//! What a run has found, for people and for programs. Nothing else prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is this module's task")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// The numbers of one run, by name. A name ends with its unit.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    mode: &'static str,
    values: Vec<(&'static str, f64)>,
    failure: Option<String>,
}

/// Tells now and then how far a run is.
pub(crate) struct Progress {
    what: &'static str,
    started: Instant,
    next: Instant,
}

impl Report {
    pub(crate) const fn new(mode: &'static str) -> Self {
        Self { mode, values: Vec::new(), failure: None }
    }

    pub(crate) fn add(&mut self, name: &'static str, value: f64) {
        self.values.push((name, value));
    }

    /// Adds a number of things.
    pub(crate) fn count(&mut self, name: &'static str, count: impl TryInto<u64>) {
        let count = count.try_into().unwrap_or(u64::MAX);
        self.add(name, count as f64);
    }

    pub(crate) fn micros(&mut self, name: &'static str, duration: Duration) {
        self.add(name, duration.as_secs_f64() * 1e6);
    }

    /// Adds the number of errors and, if there are any, what they are.
    pub(crate) fn errors(&mut self, count: u64, what: &impl ToString) {
        self.count("errors", count);
        if count > 0 {
            self.failure = Some(what.to_string());
        }
    }

    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// Why the run counts as failed, if it does.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    pub(crate) fn print(&self, as_json: bool) {
        if as_json { println!("{}", self.json()) } else { print!("{}", self.table()) }
    }

    fn json(&self) -> String {
        let mut json = format!("{{\"mode\":\"{}\"", self.mode);
        for (name, value) in &self.values {
            // There is no infinity in JSON.
            let value = if value.is_finite() { *value } else { 0.0 };
            let _ = write!(json, ",\"{name}\":{value}");
        }
        json.push('}');
        json
    }

    fn table(&self) -> String {
        let mut table = format!("{}\n", self.mode);
        for (name, value) in &self.values {
            let _ = writeln!(table, "  {:<28} {:>14}", name.replace('_', " "), readable(*value));
        }
        table
    }
}

impl Progress {
    pub(crate) fn new(what: &'static str) -> Self {
        let started = Instant::now();
        Self { what, started, next: started + PROGRESS_EVERY }
    }

    pub(crate) fn tell(&mut self, count: impl TryInto<u64>) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + PROGRESS_EVERY;
        let count = count.try_into().unwrap_or(u64::MAX);
        eprintln!("{:4} s: {count} {}", (now - self.started).as_secs(), self.what);
    }
}

/// A line for whoever waits.
pub(crate) fn note(line: &str) {
    eprintln!("{line}");
}

/// A line of output.
pub(crate) fn line(line: &str) {
    println!("{line}");
}

/// Three digits that count, and groups of three in large numbers.
pub(crate) fn readable(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    match value.abs() {
        0.0..0.1 => format!("{value:.4}"),
        0.1..10.0 if value.fract() != 0.0 => format!("{value:.3}"),
        10.0..100.0 if value.fract() != 0.0 => format!("{value:.1}"),
        _ => grouped(value.round()),
    }
}

fn grouped(value: f64) -> String {
    let digits = format!("{value}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        if place > 0 && left % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let numbers = [0.0, 0.154_32, 3.0, 7.123_4, 42.55, 999.6, 1234.0, 3_514_000.2];
        let readable = numbers.map(super::readable);
        assert_eq!(readable, ["0", "0.154", "3", "7.123", "42.5", "1,000", "1,234", "3,514,000"]);
    }

    #[test]
    fn json_is_one_line_with_finite_numbers() {
        let mut report = Report::new("fanout");
        report.count("deliveries", 12u64);
        report.add("ratio", f64::INFINITY);
        report.add("cpu_us_per_delivery", 0.25);
        report.errors(0, &"");
        assert_eq!(
            report.json(),
            r#"{"mode":"fanout","deliveries":12,"ratio":0,"cpu_us_per_delivery":0.25,"errors":0}"#
        );
        assert_eq!(report.failure(), None);
        assert_eq!(report.value("deliveries"), Some(12.0));
    }

    #[test]
    fn errors_fail_a_run() {
        let mut report = Report::new("fanout");
        report.errors(2, &"2 lost");
        assert_eq!(report.failure(), Some("2 lost"));
        assert!(report.table().contains("errors"));
    }
}
