//! Servers, started on a free loopback port with every limit on speed and numbers out of the way.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::child::Child;

/// What the systemd unit of chat-server sets, with its scheduling policy.
const TUNABLES: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.rtld.nns=1:glibc.rtld.optional_static_tls=128:glibc.malloc.tcache_count=1:glibc.pthread.rseq=0:glibc.cpu.hwcaps=-AVX512F,-AVX512VL",
);
const AS_A_BATCH: [&str; 2] = ["--batch", "0"];
const START_MAX: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Peer {
    ChatServer,
    /// The same with a history: what is said is stored before it is seen.
    ChatServerStoring,
    Inspircd,
    Ngircd,
}

impl Peer {
    pub(super) const ALL: [Self; 4] =
        [Self::ChatServer, Self::ChatServerStoring, Self::Inspircd, Self::Ngircd];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ChatServer => "chat-server",
            Self::ChatServerStoring => "chat-server, storing",
            Self::Inspircd => "InspIRCd",
            Self::Ngircd => "ngIRCd",
        }
    }

    fn config(self, port: u16, folder: &Path) -> String {
        let template = match self {
            Self::ChatServer | Self::ChatServerStoring => CHAT_SERVER,
            Self::Inspircd => INSPIRCD,
            Self::Ngircd => NGIRCD,
        };
        let folder = folder.display().to_string();
        let stores = self == Self::ChatServerStoring;
        template
            .replace("{port}", &port.to_string())
            .replace("{folder}", &folder)
            .replace("{stores}", &stores.to_string())
    }

    fn command(self, chat_server: &Path, config: &Path, address: SocketAddr) -> Command {
        let mut command;
        match self {
            Self::ChatServer | Self::ChatServerStoring => {
                command = Command::new("chrt");
                command.args(AS_A_BATCH).arg(chat_server).env(TUNABLES.0, TUNABLES.1);
                command.args(["-qq", "--listen", &address.to_string(), "--config"]).arg(config);
            }
            Self::Inspircd => {
                command = Command::new("/usr/sbin/inspircd");
                command.args(["--nofork", "--nolog", "--config"]).arg(config);
                if rustix::process::geteuid().is_root() {
                    command.arg("--runasroot");
                }
            }
            Self::Ngircd => {
                command = Command::new("/usr/sbin/ngircd");
                command.args(["--nodaemon", "--config"]).arg(config);
            }
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// A server that listens; it ends when this is dropped.
pub(super) struct Running {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Running {
    pub(super) fn start(peer: Peer, chat_server: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let address = free_address()?;
        let config = folder.path().join("config");
        fs::write(&config, peer.config(address.port(), folder.path()))
            .context("can't write a configuration")?;
        let mut command = peer.command(chat_server, &config, address);
        let child = Child::start(command.current_dir(folder.path()))?;
        let mut running = Self { child, address, _folder: folder };
        running.wait_until_it_listens().with_context(|| peer.name())?;
        Ok(running)
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_it_listens(&mut self) -> anyhow::Result<()> {
        let end = Instant::now() + START_MAX;
        while !is_listening(self.address)? {
            ensure!(self.child.is_running(), "it ended at once");
            ensure!(Instant::now() < end, "it does not listen");
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}

/// Asks the kernel: a connection, to try, would be what the server is seen busy with.
fn is_listening(address: SocketAddr) -> anyhow::Result<bool> {
    let sockets = fs::read_to_string("/proc/net/tcp").context("can't read /proc/net/tcp")?;
    let ip = u32::from_ne_bytes(Ipv4Addr::LOCALHOST.octets());
    let listener = format!(" {ip:08X}:{:04X} 00000000:0000 0A ", address.port());
    Ok(sockets.contains(&listener))
}

const CHAT_SERVER: &str = r#"
[server]
data = "{folder}/data"

[history]
enabled = {stores}

[limits]
connections_max = 16000
"#;

const INSPIRCD: &str = r#"
<server name="bench.localhost" description="bench" id="001" network="Bench">
<admin name="bench" nick="bench" email="bench@localhost">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" resolvehostnames="no" useident="no" timeout="60" pingfreq="600"
  localmax="100000" globalmax="100000" limit="100000" maxchans="100" maxconnwarn="no"
  fakelag="no" commandrate="1000000000" threshold="1000000000"
  recvq="1048576" softsendq="1048576" hardsendq="16777216">
<performance netbuffersize="65534" softlimit="100000" somaxconn="4096">
<pid file="{folder}/pid">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
"#;

const NGIRCD: &str = r#"
[Global]
Name = bench.localhost
Info = bench
AdminInfo1 = bench
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = bench

[Limits]
ConnectRetry = 600
IdleTimeout = 0
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 100
MaxListSize = 0
MaxPenaltyTime = 0
PingTimeout = 600
PongTimeout = 600

[Options]
DNS = no
Ident = no
PAM = no
SyslogFacility = local7
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_is_known_to_the_kernel() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        assert!(is_listening(address).unwrap());
        drop(listener);
        assert!(!is_listening(address).unwrap());
    }

    #[test]
    fn configurations_are_complete() {
        for peer in Peer::ALL {
            let config = peer.config(4711, Path::new("/tmp/it"));
            assert!(
                !["{port}", "{folder}", "{stores}"].iter().any(|it| config.contains(it)),
                "{config}"
            );
        }
    }
}
