//! The weather of a simulated network: it costs time and connections, and never a byte of one that
//! lasts.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use super::*;

const ADDRESS: ([u8; 4], u16) = ([10, 0, 0, 1], 80);
const DOOR: usize = usize::MAX;

/// Sends back whatever comes, by the rules of edges.
struct Echo {
    listener: Listener,
    streams: Vec<(Stream, Vec<u8>)>,
    /// A timer will try the door again.
    is_shut: bool,
    calls: u64,
    refusals: u64,
}

impl Echo {
    fn add(reactor: &mut Reactor, simulation: &Simulation) -> Handle<Self> {
        let echo = reactor.add(|scope| {
            let mut listener = simulation.listen(ADDRESS.into())?;
            scope.register(&mut listener, DOOR, Interest::READABLE)?;
            Ok(Self { listener, streams: Vec::new(), is_shut: false, calls: 0, refusals: 0 })
        });
        echo.expect("the address is free")
    }

    fn accept(&mut self, scope: &mut Scope<'_>) {
        loop {
            match self.listener.accept() {
                Ok((mut stream, _)) => {
                    let both = Interest::READABLE | Interest::WRITABLE;
                    scope.register(&mut stream, self.streams.len(), both).expect("it is new");
                    self.streams.push((stream, Vec::new()));
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return,
                    ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {}
                    _ => {
                        self.refusals += 1;
                        if !std::mem::replace(&mut self.is_shut, true) {
                            scope.after(millis(10), 0);
                        }
                        return;
                    }
                },
            }
        }
    }

    /// Reads and writes until both would block; `None` when the stream has ended.
    fn pump((stream, kept): &mut (Stream, Vec<u8>)) -> Option<()> {
        let mut buffer = [0; 100];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(bytes) => kept.extend_from_slice(&buffer[..bytes]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return None,
            }
        }
        while !kept.is_empty() {
            match stream.write(kept) {
                Ok(bytes) => drop(kept.drain(..bytes)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return None,
            }
        }
        Some(())
    }
}

impl Handler for Echo {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        self.calls += 1;
        match event.key {
            DOOR => self.accept(scope),
            at => drop(Self::pump(&mut self.streams[at])),
        }
    }

    fn expired(&mut self, _: Timer, _: u64, scope: &mut Scope<'_>) {
        self.is_shut = false;
        self.accept(scope);
    }
}

/// What some far ends hear back of what they send in a minute, how often the loop was called for
/// it, how often it could not accept, and how late it is at the end.
fn minute(seed: u64, weather: Weather) -> (Vec<Vec<u8>>, u64, u64, Duration) {
    let (mut reactor, simulation) = Reactor::simulated(seed);
    let echo = Echo::add(&mut reactor, &simulation);
    simulation.set_weather(weather);
    let began = simulation.now();
    let address = SocketAddr::from(ADDRESS);
    let connect = |_| simulation.connect(address).expect("somebody listens");
    let peers: Vec<Peer> = (0..5).map(connect).collect();
    let mut heard = vec![Vec::new(); peers.len()];
    for second in 0..60_u8 {
        for peer in peers.iter().filter(|_| second < 40) {
            peer.send(&[second; 100]);
        }
        reactor.advance(seconds(1)).expect("it comes to rest");
        for (peer, heard) in peers.iter().zip(&mut heard) {
            heard.extend(peer.receive());
        }
    }
    let (calls, refusals) = with(&mut reactor, &echo, |echo, _| (echo.calls, echo.refusals));
    (heard, calls, refusals, simulation.now() - began)
}

/// All that one far end sends.
fn sent() -> Vec<u8> {
    (0..40_u8).flat_map(|second| [second; 100]).collect()
}

#[test]
fn in_rough_weather_every_byte_arrives_in_order() {
    for seed in 0..20 {
        let rough = Weather { refusals: 0, ..Weather::ROUGH };
        let (heard, calls, ..) = minute(seed, rough);
        assert!(heard.iter().all(|heard| *heard == sent()), "seed {seed}");
        assert!(calls > 200, "seed {seed}: nothing was cut, in {calls} calls");
    }
}

#[test]
fn without_weather_an_event_brings_all_there_is() {
    let (heard, calls, refusals, took) = minute(1, Weather::CALM);
    assert!(heard.iter().all(|heard| *heard == sent()));
    assert_eq!((calls, refusals, took), (1 + 5 * 40, 0, seconds(60)));
}

#[test]
fn the_same_seed_has_the_same_weather() {
    assert_eq!(minute(7, Weather::STORMY), minute(7, Weather::STORMY));
    assert_ne!(minute(7, Weather::STORMY), minute(8, Weather::STORMY));
}

#[test]
fn a_storm_costs_connections_and_what_came_before_is_right() {
    let mut lost = 0;
    for seed in 0..20 {
        for heard in minute(seed, Weather::STORMY).0 {
            assert!(sent().starts_with(&heard), "seed {seed}");
            lost += u32::from(heard.len() < sent().len());
        }
    }
    assert!(lost > 10, "{lost} of 100 were lost");
}

#[test]
fn who_is_not_accepted_waits_and_is_told_of_by_no_second_event() {
    let (heard, _, refusals, _) = minute(3, Weather { refusals: 700, ..Weather::CALM });
    assert!(refusals > 3, "{refusals} accepts failed");
    let served = heard.iter().filter(|heard| **heard == sent()).count();
    assert!(served > 0, "some are accepted in the end");
    assert!(heard.iter().all(|heard| heard.is_empty() || *heard == sent()));
}

#[test]
fn what_is_delayed_arrives_within_its_time_and_not_before_the_clock_moves() {
    let (mut reactor, simulation) = Reactor::simulated(5);
    Echo::add(&mut reactor, &simulation);
    simulation.set_weather(Weather { delay_max: seconds(3), ..Weather::CALM });
    let peer = simulation.connect(ADDRESS.into()).expect("somebody listens");
    peer.send(b"hello");
    reactor.advance(Duration::ZERO).expect("it comes to rest");
    assert_eq!(peer.receive(), b"");
    reactor.advance(seconds(3)).expect("it comes to rest");
    assert_eq!(peer.receive(), b"hello");
}

#[test]
fn a_stall_ends_by_itself_with_an_event() {
    let (mut reactor, simulation) = Reactor::simulated(5);
    Echo::add(&mut reactor, &simulation);
    let peer = simulation.connect(ADDRESS.into()).expect("somebody listens");
    simulation.set_weather(Weather { stalls: 1000, stall_max: seconds(3), ..Weather::CALM });
    peer.send(b"hello");
    reactor.advance(Duration::ZERO).expect("it comes to rest");
    assert_eq!(peer.receive(), b"", "it takes nothing for now");
    simulation.set_weather(Weather::CALM);
    reactor.advance(seconds(3)).expect("it comes to rest");
    assert_eq!(peer.receive(), b"hello");
}

#[test]
fn a_clock_that_jumps_is_found_further_on() {
    let (.., took) = minute(2, Weather { jumps: 100, jump_max: seconds(1), ..Weather::CALM });
    assert!(took > seconds(61), "{took:?}");
}

#[test]
fn a_loop_with_nothing_to_do_has_no_idle_ticks() {
    let (mut reactor, simulation) = Reactor::simulated(1);
    Echo::add(&mut reactor, &simulation);
    reactor.advance(seconds(60)).expect("it comes to rest");
    assert_eq!(simulation.idle_ticks_max(), 0);
}
