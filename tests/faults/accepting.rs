//! Connections that cannot be taken: what befell one holds up no other, and when the system has no
//! room, accepting rests for a moment and goes on.

use std::net::SocketAddr;

use crampon::Running;
use crampon::prelude::*;
use crampon::reactor::{Peer, Reactor, Simulation};
use crampon_tests::{Log, Request};
use rustix::io::Errno;
use tracing::subscriber::DefaultGuard;

use super::Hello;

/// A server in memory, whose log is read.
struct House {
    reactor: Reactor,
    simulation: Simulation,
    address: SocketAddr,
    server: Running,
    log: Log,
    _hearing: DefaultGuard,
}

impl House {
    fn new() -> Self {
        let log = Log::default();
        let hearing = log.install();
        let (mut reactor, simulation) = Reactor::simulated(1);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let routes = Routes::new().at("/", || Hello);
        let server = Server::on(listener).attach(&mut reactor, routes).expect("it can be served");
        let mut house = Self { reactor, simulation, address, server, log, _hearing: hearing };
        house.pass(Duration::ZERO);
        house
    }

    /// Somebody who asks as soon as they are connected.
    fn visitor(&self) -> Peer {
        let peer = self.simulation.connect(self.address).expect("it listens");
        peer.send(&Request::get("/").bytes());
        peer
    }

    /// Somebody who says nothing.
    fn stranger(&self) -> Peer {
        self.simulation.connect(self.address).expect("it listens")
    }

    fn pass(&mut self, time: Duration) {
        self.reactor.advance(time).expect("the loop comes to rest");
    }

    /// How often the log says that nobody can be accepted.
    fn complaints(&self) -> usize {
        self.log.text().matches("no more connections can be accepted for now").count()
    }
}

fn is_served(peer: &Peer) -> bool {
    peer.receive().ends_with(b"hello")
}

/// How long accepting rests.
const PAUSE: Duration = Duration::from_millis(100);

const A_MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn what_befell_one_who_waited_holds_up_no_other() {
    for errno in [Errno::CONNABORTED, Errno::PROTO, Errno::PERM] {
        let mut house = House::new();
        let visitors = [(); 3].map(|()| house.visitor());
        house.simulation.fail_accept(errno.raw_os_error());
        house.simulation.fail_accept(errno.raw_os_error());
        house.pass(Duration::ZERO);
        let [first, second, third] = &visitors;
        assert!(first.was_reset() && second.was_reset(), "{errno}");
        assert!(is_served(third), "{errno}");
        assert_eq!(house.complaints(), 0, "{errno}");
    }
}

#[test]
fn accepting_rests_when_the_system_has_no_room_and_nobody_is_lost() {
    for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM] {
        let mut house = House::new();
        let inside = house.visitor();
        house.pass(Duration::ZERO);
        assert!(is_served(&inside), "{errno}");
        house.simulation.fail_accept(errno.raw_os_error());
        let waiting = house.visitor();
        house.pass(PAUSE - A_MILLISECOND);
        // Nor does one who comes meanwhile have it tried again.
        let next = house.visitor();
        inside.send(&Request::get("/").bytes());
        house.pass(Duration::ZERO);
        assert!(is_served(&inside), "{errno}");
        assert!(!is_served(&waiting) && !waiting.is_closed(), "{errno}");
        house.pass(A_MILLISECOND);
        assert!(is_served(&waiting) && is_served(&next), "{errno}");
        assert_eq!(house.complaints(), 1, "{errno}");
    }
}

#[test]
fn who_leaves_makes_room_before_the_rest_is_over() {
    let mut house = House::new();
    let inside = house.visitor();
    house.pass(Duration::ZERO);
    house.simulation.fail_accept(Errno::MFILE.raw_os_error());
    let waiting = house.visitor();
    house.pass(A_MILLISECOND);
    assert!(!is_served(&waiting));
    drop(inside);
    house.pass(Duration::ZERO);
    assert!(is_served(&waiting));
}

/// Each was logged as an error, and the next was tried at once.
#[test]
fn who_cannot_be_watched_is_told_and_accepting_rests() {
    for errno in [Errno::NOSPC, Errno::NOMEM] {
        let mut house = House::new();
        house.simulation.fail_registration(errno.raw_os_error());
        let [unlucky, waiting] = [(); 2].map(|()| house.visitor());
        house.pass(Duration::ZERO);
        let told = unlucky.receive();
        assert!(told.starts_with(b"HTTP/1.1 503 "), "{errno}: {}", told.escape_ascii());
        assert!(unlucky.is_closed() && !is_served(&waiting), "{errno}");
        house.pass(PAUSE);
        assert!(is_served(&waiting), "{errno}");
        assert_eq!(house.complaints(), 1, "{errno}");
        assert!(house.log.text().contains("reason=\"connection_too_many\" count=1"), "{errno}");
    }
}

#[test]
fn a_lack_that_lasts_is_told_once_a_second_and_a_stop_is_not_held_up_by_it() {
    let mut house = House::new();
    let waiting = house.visitor();
    for _ in 0..10_000 {
        house.simulation.fail_accept(Errno::MFILE.raw_os_error());
    }
    house.pass(Duration::from_secs(10));
    assert!((10..=11).contains(&house.complaints()), "{} in ten seconds", house.complaints());
    assert!(house.simulation.idle_ticks_max() < 10, "the loop waits meanwhile");
    house.server.stop().expect("it runs");
    house.pass(Duration::ZERO);
    assert!(waiting.was_reset() && house.server.stop().is_err());
}

/// How long one may be silent while others wait for its place.
const SILENCE: Duration = Duration::from_secs(1);

/// They kept all places, for the ten seconds a request may take to begin or the 75 to the next.
#[test]
fn who_has_been_silent_longest_gives_way_to_who_waits() {
    for errno in [Errno::MFILE, Errno::NFILE] {
        let mut house = House::new();
        let silent = house.stranger();
        house.pass(A_MILLISECOND);
        let served = house.visitor();
        house.pass(A_MILLISECOND);
        let newer = house.stranger();
        house.pass(SILENCE);
        assert!(is_served(&served), "{errno}");
        for (gives_way, stays) in [(&silent, &served), (&served, &newer)] {
            house.simulation.fail_accept(errno.raw_os_error());
            let waiting = house.visitor();
            house.pass(Duration::ZERO);
            assert!(is_served(&waiting), "{errno}");
            assert!(gives_way.is_closed() && !stays.is_closed(), "{errno}");
            house.pass(PAUSE);
        }
        assert_eq!(house.complaints(), 0, "{errno}");
        house.pass(SILENCE);
        assert_eq!(house.log.text().matches("reason=\"gave_way\" count=1").count(), 2, "{errno}");
    }
}

#[test]
fn who_speaks_or_has_just_come_does_not_give_way() {
    let mut house = House::new();
    let asking = house.stranger();
    house.pass(SILENCE);
    asking.send(b"GET / HT");
    let fresh = house.stranger();
    house.pass(SILENCE - A_MILLISECOND);
    house.simulation.fail_accept(Errno::MFILE.raw_os_error());
    let waiting = house.visitor();
    house.pass(Duration::ZERO);
    assert!(!is_served(&waiting) && !asking.is_closed() && !fresh.is_closed());
    assert_eq!(house.complaints(), 1);
    house.pass(PAUSE);
    assert!(is_served(&waiting), "in its turn");
}

#[test]
fn who_asks_as_another_comes_for_its_place_is_served() {
    let mut house = House::new();
    let (asking, silent) = (house.stranger(), house.stranger());
    house.pass(SILENCE);
    house.simulation.fail_accept(Errno::MFILE.raw_os_error());
    let waiting = house.visitor();
    asking.send(&Request::get("/").bytes());
    house.pass(Duration::ZERO);
    assert!(is_served(&asking) && is_served(&waiting) && silent.is_closed());
}

#[test]
fn only_so_many_give_way_at_once() {
    let mut house = House::new();
    let silent: Vec<Peer> = (0..300).map(|_| house.stranger()).collect();
    let gone = || silent.iter().filter(|peer| peer.is_closed()).count();
    house.pass(SILENCE);
    for _ in 0..10_000 {
        house.simulation.fail_accept(Errno::MFILE.raw_os_error());
    }
    let _waiting = house.visitor();
    house.pass(Duration::ZERO);
    assert_eq!(gone(), 128);
    house.pass(PAUSE - A_MILLISECOND);
    assert_eq!(gone(), 128);
    house.pass(A_MILLISECOND);
    assert_eq!(gone(), 256);
}
