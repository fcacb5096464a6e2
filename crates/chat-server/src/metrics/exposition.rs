//! Numbers as Prometheus reads them: its text format, version 0.0.4.

use std::fmt::{self, Display, Write};

use super::Histogram;
use super::histogram::BOUNDS;

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
}

/// The text, as it grows.
#[derive(Debug, Default)]
pub(crate) struct Exposition(String);

impl Exposition {
    pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// A metric with one value.
    pub(crate) fn value(&mut self, kind: Kind, name: &str, help: &str, value: impl Display) {
        self.head(kind, name, help);
        self.line(format_args!("{name} {value}"));
    }

    /// A metric with a value for each value of a label. There may be none.
    pub(crate) fn values<L: Display, V: Display>(
        &mut self,
        kind: Kind,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, V)>,
    ) {
        self.head(kind, name, help);
        for (of, value) in values {
            let of = Escaped(of);
            self.line(format_args!("{name}{{{label}=\"{of}\"}} {value}"));
        }
    }

    pub(crate) fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.head_of("histogram", name, help);
        // Of one moment: what comes between is in neither.
        let counts = histogram.cumulative();
        let [.., count] = counts;
        let bounds = BOUNDS.iter().map(|(_, text)| *text).chain(["+Inf"]);
        for (bound, count) in bounds.zip(counts) {
            self.line(format_args!("{name}_bucket{{le=\"{bound}\"}} {count}"));
        }
        self.line(format_args!("{name}_sum {}", histogram.sum_seconds()));
        self.line(format_args!("{name}_count {count}"));
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn head(&mut self, kind: Kind, name: &str, help: &str) {
        let kind_name = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        debug_assert_eq!(kind == Kind::Counter, name.ends_with("_total"), "{name}");
        self.head_of(kind_name, name, help);
    }

    fn head_of(&mut self, kind: &str, name: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a String takes what is written");
    }
}

/// A label's value: a backslash before what would end it.
struct Escaped<T>(T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.to_string().chars() {
            match character {
                '\\' | '"' => write!(f, "\\{character}")?,
                '\n' => f.write_str("\\n")?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_text_format() {
        let mut text = Exposition::default();
        text.value(Kind::Gauge, "a_bytes", "What it is.", 1.5);
        text.values(Kind::Counter, "b_total", "Each.", "why", [("x\"\\\n", 1), ("y", 2)]);
        let expected = "# HELP a_bytes What it is.\n# TYPE a_bytes gauge\na_bytes 1.5\n\
                        # HELP b_total Each.\n# TYPE b_total counter\n\
                        b_total{why=\"x\\\"\\\\\\n\"} 1\nb_total{why=\"y\"} 2\n";
        assert_eq!(text.into_text(), expected);
    }

    #[test]
    fn a_histogram_counts_upwards() {
        let histogram = Histogram::default();
        histogram.observe(Duration::from_millis(3));
        let mut text = Exposition::default();
        text.histogram("x_seconds", "How long.", &histogram);
        let text = text.into_text();
        for line in [
            "# TYPE x_seconds histogram",
            "x_seconds_bucket{le=\"0.0025\"} 0",
            "x_seconds_bucket{le=\"0.005\"} 1",
            "x_seconds_bucket{le=\"+Inf\"} 1",
            "x_seconds_sum 0.003",
            "x_seconds_count 1",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}: {text}");
        }
    }
}
