//! Storming: many come back at once, and cost the shared history and little more.

use crampon::reactor::Reactor;

use super::*;

const ARCHIVE: Channel = Channel::new("archive").history(10_000);

/// Hears the archive.
#[action(transport = websocket | sse, subscribe = ARCHIVE.replay(Replay::All))]
struct Reader;

#[callbacks]
impl Reader {}

/// What the archive says, some 2 MB of it.
fn fill(world: &World) {
    for number in 0..10_000 {
        world.publish(ARCHIVE, format!("{number:0>200}"));
    }
}

#[test]
fn a_thousand_who_come_back_to_a_long_past_share_it() {
    let world = World::new(Routes::new().at("/", || Reader));
    fill(&world);
    // The first has the encodings made that all share.
    world.events("/").heard();
    let mut viewers = Vec::new();
    let info = allocation_counter::measure(|| {
        for _ in 0..1000 {
            let viewer = world.connect();
            // It takes a little, and then nothing for a while.
            viewer.wire().set_window(Some(1000));
            viewer.send_bytes(b"GET / HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n");
            viewers.push(viewer);
        }
    });
    let each = info.bytes_current / 1000;
    assert!(each < 12 * 1024, "{each} bytes for each of a past of 2 MB");
}

#[test]
fn who_is_there_already_is_not_held_up_by_those_who_come_back() {
    let world = World::new(Routes::new().at("/", || Reader));
    let mut present = world.events("/");
    fill(&world);
    present.heard();
    let returning: Vec<Trial> = (0..20).map(|_| world.events("/")).collect();
    world.publish(ARCHIVE, "news");
    present.expect_render("news");
    for mut viewer in returning {
        let said = heard(&mut viewer, &mut String::new());
        assert_eq!(said.len(), 10_001);
        assert_eq!(said.last().map(|said| said.data.as_str()), Some("news"));
    }
}

#[test]
fn the_past_is_dealt_in_turns() {
    let (mut reactor, simulation) = Reactor::simulated(7);
    let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
    let address = listener.local_addr().expect("it listens");
    let routes = Routes::new().at("/", || Reader);
    let server = Server::on(listener).attach(&mut reactor, routes).expect("the routes are good");
    for number in 0..10_000 {
        server.publish(ARCHIVE, format!("{number:0>200}")).expect("the server runs");
    }
    reactor.advance(Duration::ZERO).expect("it comes to rest");
    let readers: Vec<_> = (0..200)
        .map(|_| {
            let reader = simulation.connect(address).expect("the server listens");
            reader.send(b"GET / HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n");
            reader
        })
        .collect();
    let mut heard = vec![0; readers.len()];
    // 2 MB each, 1 MiB a tick for all: when the first has a tenth of it, all have some.
    while *heard.iter().max().expect("there are readers") < 200_000 {
        reactor.turn(Some(Duration::ZERO)).expect("a turn");
        for (heard, reader) in heard.iter_mut().zip(&readers) {
            *heard += reader.receive().len();
        }
    }
    assert!(heard.iter().all(|bytes| *bytes > 50_000), "{heard:?}");
}
