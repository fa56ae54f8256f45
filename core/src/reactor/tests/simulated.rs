//! The simulated network: its events are the edges the system's selector makes.

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};

use super::*;

const ADDRESS: ([u8; 4], u16) = ([10, 0, 0, 1], 80);

/// One stream and the events that have come of it.
struct End {
    stream: Option<Stream>,
    events: Vec<Readiness>,
}

impl Handler for End {
    fn ready(&mut self, event: Readiness, _: &mut Scope<'_>) {
        self.events.push(event);
    }
}

/// A loop with the near end of a wire, and the far end.
struct World {
    reactor: Reactor,
    end: Handle<End>,
    peer: Peer,
}

impl World {
    /// A world in which the first event, that there is room to write, has been told.
    fn new() -> Self {
        let (mut reactor, simulation) = Reactor::simulated(0);
        let listener = simulation.listen(ADDRESS.into()).expect("the address is free");
        let peer = simulation.connect(ADDRESS.into()).expect("somebody listens");
        let end = reactor.add(|scope| {
            let (mut stream, from) = listener.accept()?;
            assert!(from.is_some_and(|from| from.ip().is_loopback()));
            scope.register(&mut stream, 1, Interest::READABLE | Interest::WRITABLE)?;
            Ok(End { stream: Some(stream), events: Vec::new() })
        });
        let mut world = Self { reactor, end: end.expect("one waits"), peer };
        assert_eq!(world.events(), ["writable"]);
        world
    }

    /// The events of one tick, in words.
    fn events(&mut self) -> Vec<String> {
        tick(&mut self.reactor);
        let events = with(&mut self.reactor, &self.end, |end, _| std::mem::take(&mut end.events));
        events.into_iter().map(words).collect()
    }

    fn stream<T>(&mut self, errand: impl FnOnce(&mut Stream) -> T) -> T {
        with(&mut self.reactor, &self.end, |end, _| {
            errand(end.stream.as_mut().expect("it is not closed"))
        })
    }

    fn read(&mut self, room: usize) -> Result<Vec<u8>, ErrorKind> {
        let mut buffer = vec![0; room];
        let len = self.stream(|stream| stream.read(&mut buffer)).map_err(|error| error.kind())?;
        buffer.truncate(len);
        Ok(buffer)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.stream(|stream| stream.write(bytes)).map_err(|error| error.kind())
    }

    fn close(&mut self) {
        with(&mut self.reactor, &self.end, |end, _| end.stream = None);
    }
}

fn words(event: Readiness) -> String {
    let all = [
        (event.readable, "readable"),
        (event.writable, "writable"),
        (event.read_closed, "read-closed"),
        (event.write_closed, "write-closed"),
        (event.error, "error"),
    ];
    let said: Vec<_> = all.iter().filter(|(is_so, _)| *is_so).map(|(_, word)| *word).collect();
    said.join(" ")
}

#[test]
fn bytes_make_one_event_until_more_come() {
    let mut world = World::new();
    world.peer.send(b"one");
    world.peer.send(b"two");
    assert_eq!(world.events(), ["readable writable"]);
    assert!(world.events().is_empty(), "they are unread, but nothing is new");
    world.peer.send(b"!");
    assert_eq!(world.events(), ["readable writable"]);
    assert_eq!(world.read(64), Ok(b"onetwo!".to_vec()));
    assert_eq!(world.read(64), Err(ErrorKind::WouldBlock));
    assert!(world.events().is_empty());
}

#[test]
fn bytes_read_before_their_event_leave_nothing_to_read_in_it() {
    let mut world = World::new();
    world.peer.send(b"one");
    assert_eq!(world.read(64), Ok(b"one".to_vec()));
    assert_eq!(world.events(), ["writable"]);
}

#[test]
fn what_is_written_is_received() {
    let mut world = World::new();
    assert_eq!(world.write(b"one"), Ok(3));
    let slices = [IoSlice::new(b"two"), IoSlice::new(b""), IoSlice::new(b"three")];
    assert_eq!(world.stream(|stream| stream.write_vectored(&slices)).ok(), Some(8));
    assert_eq!(world.peer.receive(), b"onetwothree");
    assert_eq!(world.peer.receive(), b"");
    assert!(world.events().is_empty());
}

#[test]
fn short_reads_leave_the_rest_to_an_event() {
    let mut world = World::new();
    world.peer.set_read_max(Some(2));
    world.peer.send(b"abcde");
    for part in [&b"ab"[..], b"cd", b"e"] {
        assert_eq!(world.events(), ["readable writable"]);
        assert_eq!(world.read(64), Ok(part.to_vec()));
    }
    assert!(world.events().is_empty());
}

#[test]
fn short_writes_go_on_at_once_or_at_their_event() {
    let mut world = World::new();
    world.peer.set_write_max(Some(2));
    assert_eq!(world.write(b"abcde"), Ok(2));
    assert_eq!(world.write(b"cde"), Ok(2));
    assert_eq!(world.events(), ["writable"]);
    assert_eq!(world.write(b"e"), Ok(1));
    assert!(world.events().is_empty());
    assert_eq!(world.peer.receive(), b"abcde");
}

#[test]
fn a_stalled_write_hears_of_the_window_that_opens() {
    let mut world = World::new();
    world.peer.set_window(Some(3));
    assert_eq!(world.write(b"abcde"), Ok(3));
    assert_eq!(world.write(b"de"), Err(ErrorKind::WouldBlock));
    assert_eq!(world.peer.receive(), b"abc");
    assert!(world.events().is_empty(), "receiving opens no window");
    world.peer.set_window(Some(0));
    assert!(world.events().is_empty());
    world.peer.set_window(Some(1));
    assert_eq!(world.events(), ["writable"]);
    assert_eq!(world.write(b"de"), Ok(1));
    world.peer.set_window(None);
    assert_eq!(world.events(), ["writable"], "the short write was a stall");
    assert_eq!(world.write(b"e"), Ok(1));
}

#[test]
fn a_window_that_closes_before_it_is_looked_at_has_still_to_open() {
    let mut world = World::new();
    world.peer.set_window(Some(0));
    assert_eq!(world.write(b"abc"), Err(ErrorKind::WouldBlock));
    world.peer.set_window(None);
    world.peer.set_window(Some(0));
    assert!(world.events().is_empty());
    world.peer.set_window(None);
    assert_eq!(world.events(), ["writable"]);
}

#[test]
fn a_window_nobody_waits_for_opens_in_silence() {
    let mut world = World::new();
    world.peer.set_window(Some(3));
    assert_eq!(world.write(b"abc"), Ok(3));
    world.peer.set_window(None);
    assert!(world.events().is_empty());
}

#[test]
fn a_half_close_is_read_after_the_bytes_before_it() {
    let mut world = World::new();
    world.peer.send(b"last");
    world.peer.finish();
    assert_eq!(world.events(), ["readable writable read-closed"]);
    assert_eq!(world.read(64), Ok(b"last".to_vec()));
    assert_eq!(world.read(64), Ok(Vec::new()));
    assert_eq!(world.write(b"still here"), Ok(10));
    assert_eq!(world.peer.receive(), b"still here");
    world.close();
    assert!(world.peer.is_closed() && !world.peer.was_reset());
}

#[test]
fn a_stream_ended_by_both_is_hung_up() {
    let mut world = World::new();
    world.stream(|stream| stream.shutdown(Shutdown::Write)).expect("it is connected");
    assert!(world.peer.has_finished() && !world.peer.is_closed());
    assert_eq!(world.write(b"x"), Err(ErrorKind::BrokenPipe));
    world.peer.finish();
    assert_eq!(world.events(), ["readable writable read-closed write-closed"]);
}

#[test]
fn a_reset_is_an_error_once_and_then_the_end() {
    let mut world = World::new();
    world.peer.send(b"before");
    world.peer.reset();
    assert_eq!(world.events(), ["readable writable read-closed write-closed error"]);
    assert_eq!(world.read(64), Ok(b"before".to_vec()));
    assert_eq!(world.read(64), Err(ErrorKind::ConnectionReset));
    assert_eq!(world.read(64), Ok(Vec::new()));
    assert_eq!(world.write(b"x"), Err(ErrorKind::BrokenPipe));
    assert!(world.peer.was_reset());
}

#[test]
fn a_connection_can_break_after_so_many_bytes() {
    let mut world = World::new();
    world.peer.reset_after(5);
    assert_eq!(world.write(b"abc"), Ok(3));
    assert_eq!(world.write(b"def"), Ok(2));
    assert_eq!(world.events(), ["readable writable read-closed write-closed error"]);
    assert_eq!(world.write(b"f"), Err(ErrorKind::ConnectionReset));
    assert_eq!(world.peer.receive(), b"abcde");
}

#[test]
fn a_stream_closed_with_bytes_unread_is_reset() {
    let mut world = World::new();
    world.peer.send(b"unread");
    world.close();
    assert!(world.peer.is_closed() && world.peer.was_reset());
}

#[test]
fn bytes_sent_to_a_closed_stream_reset_it() {
    let mut world = World::new();
    world.close();
    assert!(!world.peer.was_reset());
    world.peer.send(b"late");
    assert!(world.peer.was_reset());
    assert!(world.events().is_empty());
}

#[test]
fn a_far_end_that_is_dropped_ends_and_then_resets() {
    let mut world = World::new();
    drop(std::mem::replace(&mut world.peer, another_peer()));
    assert_eq!(world.events(), ["readable writable read-closed"]);
    assert_eq!(world.write(b"into the void"), Ok(13));
    assert_eq!(world.events(), ["readable writable read-closed write-closed error"]);
}

/// A far end of no consequence.
fn another_peer() -> Peer {
    let (_, simulation) = Reactor::simulated(0);
    let _listener = simulation.listen(ADDRESS.into()).expect("the address is free");
    simulation.connect(ADDRESS.into()).expect("somebody listens")
}

#[test]
fn a_listener_hears_of_each_connection() {
    let (mut reactor, simulation) = Reactor::simulated(0);
    let mut listener = simulation.listen(ADDRESS.into()).expect("the address is free");
    let probe = reactor.add(|scope| {
        scope.register(&mut listener, 5, Interest::READABLE)?;
        Ok(Probe::idle())
    });
    let probe = probe.expect("the listener is there");
    for _ in 0..2 {
        let peer = simulation.connect(ADDRESS.into()).expect("somebody listens");
        tick(&mut reactor);
        assert_eq!(log(&mut reactor, &probe), ["ready 5", "settle"]);
        drop(peer);
    }
    assert!(listener.accept().is_ok() && listener.accept().is_ok());
    let nobody = listener.accept().expect_err("there were two");
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_stream_knows_where_its_far_end_is() {
    let (_reactor, simulation) = Reactor::simulated(0);
    let listener = simulation.listen(ADDRESS.into()).expect("the address is free");
    let home: SocketAddr = ([192, 0, 2, 7], 4_000).into();
    let far = simulation.connect_from(home, ADDRESS.into()).expect("somebody listens");
    let (stream, from) = listener.accept().expect("one waits");
    assert_eq!((far.address(), stream.peer(), from), (home, Some(home), Some(home)));
}

#[test]
fn nobody_connects_where_nobody_listens() {
    let (_reactor, simulation) = Reactor::simulated(0);
    let listener = simulation.listen(ADDRESS.into()).expect("the address is free");
    let twice = simulation.listen(ADDRESS.into()).expect_err("it is taken");
    assert_eq!(twice.kind(), ErrorKind::AddrInUse);
    let waiting = simulation.connect(ADDRESS.into()).expect("somebody listens");
    drop(listener);
    assert!(waiting.was_reset() && waiting.is_closed());
    let refused = simulation.connect(ADDRESS.into()).expect_err("nobody listens");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_port_of_none_is_a_free_one() {
    let (_reactor, simulation) = Reactor::simulated(0);
    let any: SocketAddr = ([10, 0, 0, 1], 0).into();
    let address = |listener: &Listener| listener.local_addr().expect("it listens");
    let one = simulation.listen(any).expect("a port is free");
    let other = simulation.listen(any).expect("a port is free");
    assert_ne!(address(&one), address(&other));
    assert!(simulation.connect(address(&one)).is_ok());
    let taken = simulation.listen(address(&one)).expect_err("it was given to the first");
    assert_eq!(taken.kind(), ErrorKind::AddrInUse);
}

#[test]
fn the_real_and_the_simulated_do_not_mix() {
    let (mut simulated, simulation) = Reactor::simulated(0);
    let mut real = Reactor::new().expect("descriptors are left");
    let mut listener = simulation.listen(ADDRESS.into()).expect("the address is free");
    let (mut stream, _far) = Stream::pair().expect("descriptors are left");
    let one = simulated.add(|scope| {
        scope.register(&mut stream, 0, Interest::READABLE)?;
        Ok(Probe::idle())
    });
    let other = real.add(|scope| {
        scope.register(&mut listener, 0, Interest::READABLE)?;
        Ok(Probe::idle())
    });
    for refused in [one, other] {
        assert_eq!(refused.expect_err("it does not belong").kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let run = |seed| {
        let (mut reactor, _) = Reactor::simulated(seed);
        let probe = add(&mut reactor, |_, _, _| ());
        with(&mut reactor, &probe, |_, scope| [scope.random(), scope.random()])
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn the_clock_moves_by_exactly_what_was_asked() {
    let (mut reactor, simulation) = Reactor::simulated(0);
    let start = simulation.now();
    reactor.advance(seconds(3)).expect("nobody is there to be busy");
    assert_eq!(simulation.now(), start + seconds(3));
    let probe = add(&mut reactor, |_, _, _| ());
    with(&mut reactor, &probe, |_, scope| scope.every(millis(700), 1));
    reactor.advance(seconds(1)).expect("it comes to rest");
    assert_eq!(reactor.now(), start + seconds(4));
    assert_eq!(log(&mut reactor, &probe), ["settle", "expired 1", "settle"]);
    reactor.advance(millis(400)).expect("it comes to rest");
    assert_eq!(log(&mut reactor, &probe), ["expired 1", "settle"]);
}

#[test]
fn a_simulated_loop_that_would_wait_for_ever_says_so() {
    let (mut reactor, _probe) = probed(|_, _, _| ());
    let stuck = reactor.run().expect_err("nothing can happen");
    assert_eq!(stuck.kind(), ErrorKind::Deadlock);
}

#[test]
fn a_simulated_loop_that_never_rests_says_so() {
    let (mut reactor, probe) = probed(|_, _, scope| scope.again());
    probe.post(|_, _| ()).expect("it is there");
    let busy = reactor.advance(seconds(1)).expect_err("it never rests");
    assert_eq!(busy.to_string(), "the loop is still busy after `100000` ticks at one instant");
}
