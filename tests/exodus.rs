//! Twenty thousand leave a server that stops: at its pace, each with a last word, and without the
//! loop being held up by how many they are.

use std::net::SocketAddr;
use std::time::Duration;

use crampon::Running;
use crampon::prelude::*;
use crampon::reactor::{Peer, Reactor, Simulation};
use crampon_tests::Request;

/// Hears the news.
#[action(transport = websocket | sse | long_polling, subscribe = "news")]
struct Viewer;

#[callbacks]
impl Viewer {}

/// A server in memory, and a crowd of all transports.
struct House {
    reactor: Reactor,
    simulation: Simulation,
    address: SocketAddr,
    server: Running,
    crowd: Vec<Peer>,
}

impl House {
    fn new() -> Self {
        let (mut reactor, simulation) = Reactor::simulated(1);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let routes = Routes::new().at("/news", || Viewer);
        let server = Server::on(listener).attach(&mut reactor, routes);
        let server = server.expect("the routes can be served");
        Self { reactor, simulation, address, server, crowd: Vec::new() }
    }

    /// So many come, as many of each transport, in groups that have room in the backlog.
    fn fill(&mut self, count: usize) {
        let events = Request::get("/news").header("accept", "text/event-stream").bytes();
        let socket = Request::upgrade("/news", &[]).bytes();
        let poll = Request::get("/news").bytes();
        while self.crowd.len() < count {
            for _ in 0..AT_ONCE.min(count - self.crowd.len()) {
                let peer = self.simulation.connect(self.address).expect("there is room");
                peer.send([&events, &socket, &poll][self.crowd.len() % 3]);
                self.crowd.push(peer);
            }
            self.pass(Duration::ZERO);
        }
    }

    fn pass(&mut self, time: Duration) {
        self.reactor.advance(time).expect("the loop comes to rest");
    }

    /// Those who have heard the end, and answer it as their transport has it, leave; how many.
    fn let_go(&mut self) -> usize {
        let before = self.crowd.len();
        self.crowd.retain(|peer| {
            let heard = peer.receive();
            let is_closed_to = heard.ends_with(STOPPING);
            if is_closed_to {
                peer.send(&GOING_AWAY);
            }
            !is_closed_to && !peer.has_finished()
        });
        before - self.crowd.len()
    }
}

/// Fewer than the backlog holds.
const AT_ONCE: usize = 500;

/// How the close frame of a server that stops ends.
const STOPPING: &[u8] = b"the server is stopping";

/// A masked close frame, 1001, with a mask of zeros.
const GOING_AWAY: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9];

#[test]
fn twenty_thousand_end_within_half_of_the_time_at_an_even_pace() {
    let mut house = House::new();
    house.fill(20_000);
    house.pass(Duration::from_secs(1));
    assert_eq!(house.let_go(), 0, "nobody leaves before the stop");
    house.server.stop().expect("it runs");
    house.pass(Duration::ZERO);
    assert_eq!(house.let_go(), 500, "a tenth of a second's worth at once");
    for tenth in 1..=39 {
        house.pass(Duration::from_millis(100));
        let ended = house.let_go();
        assert!((450..=550).contains(&ended), "{ended} ended in tenth {tenth} of a second");
    }
    house.pass(Duration::from_millis(100));
    assert_eq!((house.let_go(), house.crowd.len()), (0, 0));
    assert!(house.server.stop().is_err(), "it is over");
}
