//! Cutting: exchanges on every transport that end, are reset or stall after each of their bytes, in
//! and out. Each is one goodbye or none, what was heard until then is right, and nothing is left.

use std::time::Duration;

use crampon::protocol::websocket::{Opcode, masked};
use crampon::reactor::Peer;
use crampon_claims::house::{House, Width};
use crampon_claims::strict::Ear;
use crampon_tests::Request;

/// What happens in an exchange, in order.
enum Step {
    /// The client says something.
    Say(Vec<u8>),
    /// So many milliseconds pass.
    Pass(u64),
    /// Something is published on a channel.
    Publish(usize),
}

/// What befalls an exchange after so many bytes.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// The client has no more to say, and says so.
    Ends(usize),
    /// The client resets the connection.
    Resets(usize),
    /// The client says no more.
    FallsSilent(usize),
    /// The connection is reset by what the server writes.
    ResetAfter(usize),
    /// The client takes no more.
    Stalls(usize),
}

/// One client in an exchange.
struct Client {
    peer: Peer,
    ear: Ear,
    /// Bytes it still says before it does what it does instead.
    left: usize,
    cut: Cut,
    heard: usize,
    is_over: bool,
}

impl Client {
    fn new(peer: Peer, cut: Cut) -> Self {
        let mut left = usize::MAX;
        match cut {
            Cut::Ends(bytes) | Cut::Resets(bytes) | Cut::FallsSilent(bytes) => left = bytes,
            Cut::ResetAfter(bytes) => peer.reset_after(bytes),
            Cut::Stalls(bytes) => peer.set_window(Some(bytes)),
        }
        Self { peer, ear: Ear::of_a_stranger(), left, cut, heard: 0, is_over: false }
    }

    /// Says as much of it as it is to say; with its last byte it does what it does instead.
    fn say(&mut self, bytes: &[u8]) {
        if self.left == 0 {
            return;
        }
        let said = bytes.len().min(self.left);
        self.peer.send(&bytes[..said]);
        self.left -= said;
        if self.left == 0 {
            self.fall();
        }
    }

    fn fall(&self) {
        match self.cut {
            Cut::Ends(_) => self.peer.finish(),
            Cut::Resets(_) => self.peer.reset(),
            _ => {}
        }
    }

    fn hear(&mut self) {
        let bytes = self.peer.receive();
        self.heard += bytes.len();
        let cut = self.cut;
        if let Err(error) = self.ear.take(&bytes) {
            panic!("{cut:?}: {error}");
        }
        let was_cut = self.peer.was_reset() || matches!(cut, Cut::Stalls(_));
        if !self.is_over && (self.peer.is_closed() || self.peer.has_finished() || was_cut) {
            self.is_over = self.peer.is_closed();
            if self.is_over
                && let Err(error) = self.ear.end(was_cut)
            {
                panic!("{cut:?}: {error}");
            }
        }
    }
}

/// Plays an exchange with clients that are cut so, all in one house; what each has heard.
fn play(name: &str, steps: &[Step], cuts: impl Iterator<Item = Cut>) -> usize {
    let mut house = House::new(1, Width::WIDE);
    let mut clients: Vec<Client> = cuts
        .map(|cut| Client::new(house.connect().expect("it listens"), cut))
        .inspect(|client| {
            if client.left == 0 {
                client.fall()
            }
        })
        .collect();
    let pass = |house: &mut House, clients: &mut [Client], time| {
        house.pass(time).unwrap_or_else(|error| panic!("{name}: {error}"));
        clients.iter_mut().for_each(Client::hear);
    };
    for step in steps {
        match step {
            Step::Say(bytes) => clients.iter_mut().for_each(|client| client.say(bytes)),
            Step::Pass(millis) => pass(&mut house, &mut clients, Duration::from_millis(*millis)),
            Step::Publish(channel) => house.publish(*channel, 30),
        }
        pass(&mut house, &mut clients, Duration::ZERO);
    }
    let heard = clients.iter().map(|client| client.heard).max().unwrap_or(0);
    for _ in 0..20 {
        pass(&mut house, &mut clients, Duration::from_secs(10));
    }
    for client in &clients {
        // Only a stream whose client takes everything has no deadline.
        let may_last = matches!(client.cut, Cut::FallsSilent(_)) && client.ear.is_in_stream();
        assert!(client.is_over || may_last, "{name}: {:?} is kept", client.cut);
    }
    drop(clients);
    house.pass(Duration::from_secs(200)).unwrap_or_else(|error| panic!("{name}: {error}"));
    house.check_empty().unwrap_or_else(|error| panic!("{name}: {error}"));
    heard
}

/// Plays it cut at every byte in, and at every byte out.
fn cut_everywhere(name: &str, steps: &[Step]) {
    let said: usize =
        steps.iter().map(|step| if let Step::Say(bytes) = step { bytes.len() } else { 0 }).sum();
    let whole = play(name, steps, [Cut::FallsSilent(usize::MAX)].into_iter());
    assert!(whole > 0, "{name}: nothing was heard");
    play(name, steps, (0..=said).map(Cut::Ends));
    play(name, steps, (0..=said).map(Cut::Resets));
    play(name, steps, (0..=said).map(Cut::FallsSilent));
    play(name, steps, (0..=whole).map(Cut::ResetAfter));
    play(name, steps, (0..=whole).map(Cut::Stalls));
}

const KEY: [u8; 4] = [1, 2, 3, 4];

fn get(path: &str) -> Step {
    Step::Say(Request::get(path).bytes())
}

#[test]
fn an_answer_may_be_cut_anywhere() {
    cut_everywhere(
        "pipeline",
        &[get("/regular?do=s40.f&bye=publish"), get("/regular?do=s9.a50.s9.f"), Step::Pass(60)],
    );
}

#[test]
fn a_held_answer_may_be_cut_anywhere() {
    let held = get("/any?check=hold-defer&do=s5");
    cut_everywhere("held", &[held, Step::Pass(10), Step::Pass(400)]);
}

#[test]
fn an_upload_may_be_cut_anywhere() {
    let upload = Request::post("/upload", "").header("expect", "100-continue");
    let upload = upload.chunks([&b"part one"[..], b"and two", b"three", b"and four"]);
    cut_everywhere("upload", &[Step::Say(upload.bytes()), Step::Pass(100)]);
}

#[test]
fn a_form_may_be_cut_anywhere() {
    let form = Request::post("/regular", "do=s20.f")
        .header("content-type", "application/x-www-form-urlencoded");
    cut_everywhere("form", &[Step::Say(form.bytes()), Step::Pass(10)]);
}

#[test]
fn chunks_may_be_cut_anywhere() {
    let chunks = get("/chunked?do=s9.a100.s9.a100.s9.f");
    cut_everywhere("chunked", &[chunks, Step::Pass(150), Step::Pass(100)]);
}

#[test]
fn an_event_stream_may_be_cut_anywhere() {
    let events = Request::get("/any?do=c1.e2.w").header("accept", "text/event-stream");
    let events = Step::Say(events.bytes());
    cut_everywhere(
        "events",
        &[events, Step::Publish(1), Step::Pass(10), Step::Publish(1), Step::Pass(16_000)],
    );
}

#[test]
fn a_poll_may_be_cut_anywhere() {
    let poll = Request::get("/listen?c=1").header("accept", "application/json");
    cut_everywhere("poll", &[Step::Say(poll.bytes()), Step::Pass(10), Step::Publish(1)]);
}

#[test]
fn a_socket_may_be_cut_anywhere() {
    let mut said = Vec::new();
    masked::encode_text(&mut said, KEY, "one");
    masked::encode_frame(&mut said, KEY, Opcode::Binary, false, b"half");
    masked::encode_ping(&mut said, KEY, b"?");
    masked::encode_frame(&mut said, KEY, Opcode::Continuation, true, b"and half");
    masked::encode_text(&mut said, KEY, "!c1.d.s30");
    let mut closing = Vec::new();
    masked::encode_close(&mut closing, KEY, Some((1000, "bye"))).expect("it may be sent");
    cut_everywhere(
        "socket",
        &[
            Step::Say(Request::upgrade("/socket?bye=more", &[]).bytes()),
            Step::Pass(10),
            Step::Say(said),
            Step::Publish(1),
            Step::Pass(10),
            Step::Say(closing),
        ],
    );
}
