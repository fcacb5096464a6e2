//! What an interval has cost.

use std::time::{Duration, Instant};

use crate::report::Report;
use crate::sample::{Process, Usage};

/// Started at the beginning of what is measured.
pub(crate) struct Meter {
    server: Option<Process>,
    started: Instant,
    server_cpu: Duration,
    own_cpu: Duration,
}

/// What has passed between the beginning and the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) wall: Duration,
    /// Known if the server's process is.
    pub(crate) server_cpu: Option<Duration>,
    pub(crate) own_cpu: Duration,
}

impl Meter {
    pub(crate) fn start(server: Option<&Process>) -> anyhow::Result<Self> {
        Ok(Self {
            server: server.cloned(),
            server_cpu: server.map_or(Ok(Duration::ZERO), Process::cpu)?,
            own_cpu: Process::own().cpu()?,
            started: Instant::now(),
        })
    }

    pub(crate) fn stop(&self) -> anyhow::Result<Spent> {
        let server_cpu = self.server.as_ref().map(Process::cpu).transpose()?;
        Ok(Spent {
            wall: self.started.elapsed(),
            server_cpu: server_cpu.map(|cpu| cpu.saturating_sub(self.server_cpu)),
            own_cpu: Process::own().cpu()?.saturating_sub(self.own_cpu),
        })
    }
}

impl Spent {
    /// Adds how often something happened, and what each time took.
    pub(crate) fn report(&self, report: &mut Report, per: &Per, count: u64) {
        report.add("measured_seconds", self.wall.as_secs_f64());
        report.count(per.count, count);
        report.add(per.rate, count as f64 / self.wall.as_secs_f64());
        if let Some(cpu) = self.server_cpu {
            report.add(per.server_cpu, cpu.as_secs_f64() * 1e6 / count as f64);
            report.add("server_cpu_cores", cpu.as_secs_f64() / self.wall.as_secs_f64());
        }
        report.add("bench_cpu_cores", self.own_cpu.as_secs_f64() / self.wall.as_secs_f64());
    }
}

/// The names of what is counted.
pub(crate) struct Per {
    pub(crate) count: &'static str,
    pub(crate) rate: &'static str,
    pub(crate) server_cpu: &'static str,
}

pub(crate) const PER_DELIVERY: Per =
    Per { count: "deliveries", rate: "deliveries_per_s", server_cpu: "server_cpu_us_per_delivery" };

pub(crate) const PER_CONNECTION: Per = Per {
    count: "connections",
    rate: "connections_per_s",
    server_cpu: "server_cpu_us_per_connection",
};

impl Usage {
    pub(crate) fn report(&self, report: &mut Report) {
        report.count("server_rss_kib", self.rss_kib);
        report.count("server_pss_kib", self.pss_kib);
        report.count("server_threads", self.threads);
        report.count("server_descriptors", self.descriptors);
    }
}
