//! One connection: its thread reads lines and handles them, until one side has had enough.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_protocol::{LineBuffer, LineWriter};

use crate::commands::{Client, Context, handle_line};
use crate::limits::ping_clock::{Due, PingClock};
use crate::metrics::Refusal;
use crate::outbound::{Delivery, End};
use crate::server::{Place, Server};
use crate::state::session::{Farewell, Session};

use super::Sending;
use super::flood::{Flood, Verdict};
use super::read_timeout::ReadTimeout;
use super::stream::is_timeout;
use super::transport::{Came, Transport};

/// How long the lines of a batch are handled before what they have caused is sent.
const BATCH_TIME_MAX: Duration = Duration::from_millis(2);

/// A session and what carries it.
pub(super) struct Connection {
    transport: Box<dyn Transport>,
    session: Arc<Session>,
    server: Arc<Server>,
    sending: Sending,
    /// By when it has to have registered.
    registration_until: Instant,
    /// Given to the client, which keeps it to its end.
    place: Option<Place>,
    flood: Flood,
    /// A gateway speaks for the client.
    is_spoken_for: bool,
}

impl Connection {
    pub(super) fn new(
        transport: Box<dyn Transport>,
        session: Arc<Session>,
        server: Arc<Server>,
        sending: Sending,
        registration_until: Instant,
        place: Place,
    ) -> Box<Self> {
        let (place, flood, is_spoken_for) = (Some(place), Flood::default(), false);
        Box::new(Self {
            transport,
            session,
            server,
            sending,
            registration_until,
            place,
            flood,
            is_spoken_for,
        })
    }

    /// Serves it to its end, beginning with what it has said already.
    pub(super) fn run(&mut self, said: Vec<u8>) {
        let mut client = self.begin();
        let ended = catch_unwind(AssertUnwindSafe(|| self.serve(&mut client, said)));
        self.end(&mut client, ended.ok());
    }

    /// Says goodbye, unless the connection is to end for another reason than it did; none, if it
    /// panicked.
    // This and the others that are never inlined stay out of the frame of a thread that is idle for
    // hours: stack once touched stays memory.
    #[inline(never)]
    fn end(&mut self, client: &mut Client, ended: Option<Farewell>) {
        // Others see what it has said before they see it go.
        client.outstanding.wait_for_all();
        client.watched.keys().for_each(|key| self.server.unwatch(key, self.session.id));
        let farewell = match (ended, self.session.closing()) {
            (Some(_), Some(farewell)) => farewell,
            (Some(farewell), None) => farewell,
            // The panic itself has been logged with its place.
            (None, _) => Farewell::new("Internal server error"),
        };
        self.leave(&farewell);
    }

    #[inline(never)]
    fn begin(&mut self) -> Box<Client> {
        self.server.admit(&self.session);
        self.server.metrics.sessions.count(self.session.kind());
        log::info!("Connected by {}", self.session.peer());
        Box::new(Client::new(self.session.clone(), self.place.take()))
    }

    /// Handles lines until the connection ends, and says why it did.
    fn serve(&mut self, client: &mut Client, said: Vec<u8>) -> Farewell {
        let timeouts = self.server.config().timeouts.clone();
        let mut lines = LineBuffer::new(self.server.config().line_limits());
        let mut now = Instant::now();
        let mut clock = PingClock::new(now, self.registration_until, timeouts.ping, timeouts.pong);
        let mut timeout = ReadTimeout::default();
        let mut delivery = self.delivery();
        lines.push(&said);
        self.flood.came(&Came { all: said.len(), ..Came::default() });
        drop(said);
        self.handle_lines(&mut lines, client, &mut delivery, &mut clock, now);
        loop {
            timeout.wanted = match self.wait(&mut clock, now) {
                Ok(wait) => wait,
                Err(farewell) => return self.farewell(farewell),
            };
            let came = match self.read(&mut lines, &mut timeout) {
                Ok(came) => came,
                Err(error) if is_timeout(&error) => Came::default(),
                Err(error) => return self.farewell(self.read_failed(&error)),
            };
            now = Instant::now();
            if came != Came::default() {
                self.flood.came(&came);
                self.handle_lines(&mut lines, client, &mut delivery, &mut clock, now);
            }
        }
    }

    /// Why it ends, where that is not what its own thread has met with.
    #[inline(never)]
    fn farewell(&self, met: Farewell) -> Farewell {
        match self.session.outbound.end() {
            Some(End::SendQueueExceeded) => {
                self.refused(Refusal::SendQueue);
                Farewell::new("SendQ exceeded")
            }
            Some(End::PeerGone) => Farewell::new("Connection lost"),
            _ => met,
        }
    }

    /// Does what is due and says how long to wait for the next bytes.
    #[inline(never)]
    fn wait(&self, clock: &mut PingClock, now: Instant) -> Result<Duration, Farewell> {
        if let Some(farewell) = self.session.closing() {
            return Err(farewell);
        }
        loop {
            match clock.due(now) {
                Due::Wait(wait) => return Ok(wait),
                Due::SendPing => {
                    self.send(|writer| {
                        writer.command("PING").trailing(self.server.name());
                    });
                    clock.ping_sent(now);
                }
                Due::PongMissing => {
                    let timeouts = self.server.config().timeouts.clone();
                    let silence = timeouts.ping + timeouts.pong;
                    return Err(Farewell::new(&format!(
                        "Ping timeout: {} seconds",
                        silence.as_secs()
                    )));
                }
                Due::RegistrationLate => {
                    self.refused(Refusal::RegistrationTimeout);
                    return Err(Farewell::new("Registration timed out"));
                }
            }
        }
    }

    fn read(&mut self, lines: &mut LineBuffer, timeout: &mut ReadTimeout) -> io::Result<Came> {
        timeout.apply(self.transport.stream().tcp())?;
        let came = self.transport.read(lines.space())?;
        let came = came.ok_or(io::ErrorKind::UnexpectedEof)?;
        lines.filled(came.lines);
        self.server.metrics.bytes_in.add(came.lines);
        Ok(came)
    }

    #[inline(never)]
    fn read_failed(&self, error: &io::Error) -> Farewell {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Farewell::new("Connection closed");
        }
        if error.kind() == io::ErrorKind::InvalidData {
            // The transport says itself what it can't take.
            self.refused(Refusal::WebSocketProtocol);
            return Farewell::new(&error.to_string());
        }
        Farewell::new(&format!("Read error: {}", describe(error)))
    }

    fn refused(&self, refusal: Refusal) {
        self.server.metrics.refusals.count(refusal);
    }

    /// Handles the lines of one read as one batch: each recipient is sent to once.
    #[inline(never)]
    fn handle_lines(
        &mut self,
        lines: &mut LineBuffer,
        client: &mut Client,
        delivery: &mut Delivery,
        clock: &mut PingClock,
        now: Instant,
    ) {
        let was_registered = self.session.user().is_some();
        let mut is_free = self.flood.is_free(&self.server, &self.session);
        let mut came = 0;
        let mut since = now;
        // Whoever ended it, as by KILL, has ended it before the next line, not after.
        while !self.is_over() {
            let Some(line) = lines.next_line() else { break };
            // Whom a slow batch has something for is not to wait for its end.
            if came > 0 && since.elapsed() > BATCH_TIME_MAX {
                delivery.flush(|| false);
                since = Instant::now();
            }
            came += 1;
            if !is_free && !self.keeps_pace(line.as_ref().ok().copied(), client, delivery) {
                break;
            }
            handle_line(
                &mut Context { server: &self.server, client, delivery: &mut *delivery },
                line,
            );
            if !was_registered {
                self.meet_client(client);
                is_free = self.flood.is_free(&self.server, &self.session);
            }
        }
        Context { server: &self.server, client, delivery: &mut *delivery }.say_pending();
        delivery.flush(|| self.transport.has_input());
        if came > 0 {
            self.server.metrics.lines_in.add(came);
            clock.line_came(now);
        }
        if !was_registered && self.session.user().is_some() {
            clock.registered();
        }
        if !is_free {
            let verdict = self.flood.meet_rest(&self.server);
            self.follow(verdict, client, delivery);
        }
    }

    /// Whether nobody listens to it any more.
    fn is_over(&self) -> bool {
        self.session.is_closing() || self.session.outbound.end().is_some()
    }

    /// The client may have turned out to be somebody else, for whom a gateway speaks.
    #[inline(never)]
    fn meet_client(&mut self, client: &mut Client) {
        if self.session.is_spoken_for() == self.is_spoken_for {
            return;
        }
        self.is_spoken_for = true;
        self.flood = Flood::default();
        let (address, Some(place)) = (self.session.peer().ip(), &mut client.place) else { return };
        if let Err(why) = self.server.count_address(place, address) {
            self.server.refused(why.counted(), &address, &why.text());
            self.session.close(Farewell::new(why.text()));
        }
    }

    /// Waits if the client is too fast; false if it is not to be listened to any more.
    fn keeps_pace(
        &mut self,
        line: Option<&str>,
        client: &mut Client,
        delivery: &mut Delivery,
    ) -> bool {
        let verdict = self.flood.meet(line.unwrap_or_default(), &self.server);
        self.follow(verdict, client, delivery)
    }

    /// Waits with nothing kept back of what the client has caused.
    #[inline(never)]
    fn follow(&mut self, verdict: Verdict, client: &mut Client, delivery: &mut Delivery) -> bool {
        match verdict {
            Verdict::GoOn => true,
            Verdict::Wait(wait) => {
                Context { server: &self.server, client, delivery: &mut *delivery }.say_pending();
                delivery.flush(|| false);
                self.session.outbound.pause(wait);
                let is_late =
                    self.session.user().is_none() && Instant::now() >= self.registration_until;
                !is_late && !self.session.is_closing()
            }
            Verdict::End => {
                self.refused(Refusal::Flood);
                self.session.close(Farewell::new("Excess Flood"));
                false
            }
        }
    }

    fn delivery(&self) -> Delivery {
        Delivery::new(self.sending.flusher.clone())
    }

    fn send(&self, write: impl FnOnce(&mut LineWriter<'_>)) {
        let mut line = String::new();
        let mut writer = LineWriter::new(&mut line);
        writer.source(self.server.name());
        write(&mut writer);
        writer.end();
        self.delivery().append(&self.session.outbound, line.as_bytes(), false);
    }

    #[inline(never)]
    fn leave(&mut self, farewell: &Farewell) {
        log::info!("Disconnected {}: {:?}", self.session.peer(), farewell.error);
        let depart = || self.server.depart(&self.session, &farewell.quit, &mut self.delivery());
        // Nobody else would take it out.
        if !(0..2).any(|_| catch_unwind(AssertUnwindSafe(depart)).is_ok()) {
            log::error!("{} could not be taken out of its rooms", self.session.peer());
        }
        self.say_goodbye(farewell);
        self.sending.drainer.forget(self.transport.stream().tcp());
        self.server.dismiss(&self.session);
    }

    /// Sends what is left and ERROR, for a bounded time, and closes so that the peer gets it.
    fn say_goodbye(&mut self, farewell: &Farewell) {
        let text = format!("Closing Link: {} ({})", self.session.address(), farewell.error);
        let error = error_line(&text, farewell.label.as_deref());
        let Some(rest) = self.session.outbound.close(error.as_bytes()) else { return };
        if let Err(error) = self.transport.close(&rest) {
            log::debug!("{} did not take the last words: {error}", self.session.peer());
        }
    }
}

/// `ERROR :text`, with the label of the command it answers.
pub(super) fn error_line(text: &str, label: Option<&str>) -> String {
    let mut line = String::new();
    let mut writer = LineWriter::new(&mut line);
    if label.is_some() {
        writer.tag("label", label);
    }
    writer.command("ERROR").trailing(text).end();
    line
}

fn describe(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionReset => "Connection reset by peer",
        io::ErrorKind::TimedOut => "Connection timed out",
        _ => "Connection failed",
    }
}
