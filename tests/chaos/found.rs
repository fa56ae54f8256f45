//! What chaos has found, each by itself.

use std::cell::Cell;

use crampon::prelude::*;
use crampon::reactor::Reactor;
use crampon_tests::Request;

/// Counts how often it is told that its viewer has caught up.
#[action(transport = regular)]
struct Drained {
    drains: Rc<Cell<u32>>,
}

#[callbacks]
impl Drained {
    #[on_data]
    fn received(&mut self, cx: &mut Context<Self>, body: &[u8]) {
        cx.render(body);
    }

    #[on_drain]
    fn caught_up(&mut self, _: &mut Context<Self>) {
        self.drains.set(self.drains.get() + 1);
    }
}

#[test]
fn the_upstream_half_of_an_action_is_not_told_that_a_viewer_caught_up() {
    let (mut reactor, simulation) = Reactor::simulated(1);
    let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
    let address = listener.local_addr().expect("it listens");
    let drains = Rc::new(Cell::new(0));
    let count = drains.clone();
    let routes = Routes::new().at("/", move || Drained { drains: count.clone() });
    Server::on(listener).attach(&mut reactor, routes).expect("the route can be served");
    let mut settle = || reactor.advance(Duration::ZERO).expect("it comes to rest");

    let peer = simulation.connect(address).expect("it listens");
    peer.set_window(Some(10));
    let request = Request::post("/", "hello").header("expect", "100-continue").bytes();
    let (head, body) = request.split_at(request.len() - 5);
    peer.send(head);
    settle();
    peer.set_window(None);
    settle();
    peer.send(body);
    settle();
    let answer = peer.receive();
    assert!(answer.starts_with(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
    assert!(answer.ends_with(b"hello"));
    assert_eq!(drains.get(), 0);
}
