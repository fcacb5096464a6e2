//! Medians, ranges and ratios as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report::{Report, readable};

use super::cases::{CASES, Case};
use super::metrics::{Better, Metric};
use super::peers::Peer;

pub(super) const FLOOR: &str = "floor";

/// All numbers: by case, contestant and key.
#[derive(Default)]
pub(super) struct Results(BTreeMap<(&'static str, &'static str, &'static str), Vec<f64>>);

/// The numbers of several runs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Summary {
    median: f64,
    least: f64,
    most: f64,
}

impl Results {
    pub(super) fn add(&mut self, case: &Case, contestant: &'static str, report: &Report) {
        for metric in case.metrics {
            if let Some(value) = report.value(metric.key) {
                self.0.entry((case.name, contestant, metric.key)).or_default().push(value);
            }
        }
    }

    pub(super) fn markdown(&self) -> String {
        let contestants = self.contestants();
        let names = contestants.join(" | ");
        let mut table = format!(
            "| case | median (least..most) | {names} | {} to … |\n",
            Peer::ChatServer.name()
        );
        let _ = writeln!(table, "|{}", "---|".repeat(contestants.len() + 3));
        for case in CASES.iter().filter(|case| self.has(case)) {
            for (place, metric) in case.metrics.iter().enumerate() {
                let name = if place == 0 { case.name } else { "" };
                let cells = self.cells(&contestants, case, metric);
                let _ = writeln!(table, "| {name} | {} |{cells}", metric.label);
            }
        }
        table.push('\n');
        for case in CASES.iter().filter(|case| self.has(case)) {
            let _ = writeln!(table, "- {}: {}", case.name, case.about);
        }
        table
    }

    fn has(&self, case: &Case) -> bool {
        self.0.keys().any(|(name, _, _)| *name == case.name)
    }

    /// Those that were measured.
    fn contestants(&self) -> Vec<&'static str> {
        let all = Peer::ALL.map(Peer::name).into_iter().chain([FLOOR]);
        all.filter(|name| self.0.keys().any(|(_, by, _)| by == name)).collect()
    }

    fn cells(&self, contestants: &[&str], case: &Case, metric: &Metric) -> String {
        let mut cells = String::new();
        for contestant in contestants {
            let summary = self.summary(case.name, contestant, metric);
            let _ = write!(cells, " {} |", summary.map_or(String::new(), Summary::cell));
        }
        let _ = write!(cells, " {} |", self.ratios(case, metric));
        cells
    }

    /// Ours to the best peer, to the floor and to the plain case.
    fn ratios(&self, case: &Case, metric: &Metric) -> String {
        let ours = self.summary(case.name, Peer::ChatServer.name(), metric);
        let (Some(ours), Some(better)) = (ours, metric.better) else { return String::new() };
        let median = |case, name| self.summary(case, name, metric).map(|it| it.median);
        let others = [Peer::Inspircd, Peer::Ngircd].map(Peer::name);
        let others = others.into_iter().filter_map(|name| median(case.name, name));
        let best = match better {
            Better::Less => others.reduce(f64::min),
            Better::More => others.reduce(f64::max),
        };
        let plain = case.baseline.and_then(|plain| median(plain, Peer::ChatServer.name()));
        let named = [
            (best, "the best peer"),
            (median(case.name, FLOOR), "the floor"),
            (plain, case.baseline.unwrap_or_default()),
        ];
        let ratios = named.into_iter().filter_map(|(other, name)| {
            let ratio = ours.median / other.filter(|other| *other > 0.0)?;
            Some(format!("{ratio:.2}× {name}"))
        });
        ratios.collect::<Vec<_>>().join(", ")
    }

    fn summary(&self, case: &str, contestant: &str, metric: &Metric) -> Option<Summary> {
        let all = self
            .0
            .iter()
            .find(|((of, by, key), _)| (*of, *by, *key) == (case, contestant, metric.key));
        all.and_then(|(_, values)| Summary::of(values))
    }
}

impl Summary {
    fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&least, &most) = (sorted.first()?, sorted.last()?);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Some(Self { median: f64::midpoint(low, high), least, most })
    }

    fn cell(self) -> String {
        let Self { median, least, most } = self;
        format!("**{}** ({}..{})", readable(median), readable(least), readable(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        let summary = |values: &[f64]| Summary::of(values).map(|it| (it.median, it.least, it.most));
        assert_eq!(summary(&[3.0, 1.0, 2.0]), Some((2.0, 1.0, 3.0)));
        assert_eq!(summary(&[4.0, 1.0, 2.0, 3.0]), Some((2.5, 1.0, 4.0)));
        assert_eq!(summary(&[]), None);
    }

    #[test]
    fn ratios_are_to_the_best_peer_and_to_the_floor() {
        let case = CASES.first().unwrap();
        let cpu = case.metrics.first().unwrap();
        let mut results = Results::default();
        for (contestant, value) in
            [("chat-server", 0.2), ("InspIRCd", 0.6), ("ngIRCd", 0.8), (FLOOR, 0.1)]
        {
            let mut report = Report::new("fanout");
            report.add(cpu.key, value);
            results.add(case, contestant, &report);
        }
        assert_eq!(results.ratios(case, cpu), "0.33× the best peer, 2.00× the floor");
        let row = "| busy | CPU µs per delivery | **0.200** (0.200..0.200) |";
        assert!(results.markdown().contains(row), "{}", results.markdown());
        let header = "| case | median (least..most) | chat-server | InspIRCd | ngIRCd | floor | ";
        assert!(results.markdown().starts_with(header), "{}", results.markdown());
    }
}
