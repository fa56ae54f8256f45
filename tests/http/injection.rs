//! What a client says cannot become a line of somebody's answer: CR, LF and NUL in every place
//! where an application may put them, on every wire. Each is text where text may stand, or fails
//! the callback before a byte of it is written.

use std::net::SocketAddr;
use std::time::Duration;

use crampon::action::{Action, Declaration};
use crampon::prelude::*;
use crampon::reactor::{Peer, Reactor, Simulation};
use crampon::transport::Transport;
use crampon_tests::{Request, WIRES, declared};

use crate::response;

/// What no line may begin with.
const INJECTED: &str = "injected";

const HOSTILE: [&str; 14] = [
    "a\r\ninjected: yes",
    "a\ninjected: yes",
    "a\rinjected: yes",
    "a\0injected: yes",
    "\r\ninjected: yes",
    "\ninjected",
    "\0",
    "a\0",
    "a\r\n\r\ninjected",
    "a\n\ninjected",
    "a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\ninjected: yes\r\n\r\n",
    "a\r\n0\r\n\r\nHTTP/1.1 200 OK\r\ninjected: yes\r\n\r\n",
    "a\n\nid: injected\nevent: injected\nretry: 0\ndata: a\n\n",
    "a\r\rid: injected\rdata: a\r\r",
];

/// Where an application puts it.
const PLACES: [&str; 17] = [
    "header name",
    "header value",
    "cookie",
    "redirect",
    "name in a halt",
    "value in a halt",
    "halt",
    "error",
    "event name",
    "event id",
    "event",
    "json",
    "comment",
    "close reason",
    "published name",
    "published id",
    "published",
];

const ROOM: Channel = Channel::new("room");

/// Puts what its client says where its client says.
struct Parrot<const WIRE: usize>;

impl<const WIRE: usize> Action for Parrot<WIRE> {
    const DECLARATION: Declaration = declared("Parrot", WIRE);
}

#[callbacks]
impl<const WIRE: usize> Parrot<WIRE> {
    #[before_start]
    fn head(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let (place, text) = said(cx)?;
        match &*place {
            "header name" => cx.set_header(&text, "a"),
            "header value" => cx.set_header("x-said", &text),
            "cookie" => cx.set_header("set-cookie", &text),
            "redirect" => return Err(Halt::see_other(&text)),
            "name in a halt" => return Err(Halt::new(400, "no").header(&text, "a")),
            "value in a halt" => return Err(Halt::new(400, "no").header("x-said", &text)),
            "halt" => return Err(Halt::new(400, text)),
            "error" => drop(cx.param::<u8>("text")?),
            _ => {}
        }
        Ok(())
    }

    #[on_start]
    fn body(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let (place, text) = said(cx)?;
        cx.subscribe(ROOM);
        match &*place {
            "event name" => cx.render(Event::new("said").named(text)),
            "event id" => cx.render(Event::new("said").id(text)),
            "event" => cx.render(text),
            "json" => cx.render(Event::json(&text)),
            "comment" => cx.render(Event::comment(text)),
            "close reason" => cx.close(1000, &text),
            "published name" => cx.publish(ROOM, Event::new("said").named(text)),
            "published id" => cx.publish(ROOM, Event::new("said").id(text)),
            "published" => cx.publish(ROOM, text),
            _ => {}
        }
        cx.after(Duration::from_millis(5), |_, cx| cx.finish());
        Ok(())
    }
}

/// The place and the text.
fn said<A: Action>(cx: &Context<A>) -> Result<(String, String), Halt> {
    Ok((cx.param("place")?, cx.param("text")?))
}

/// A house of parrots on a simulated network.
struct House {
    reactor: Reactor,
    simulation: Simulation,
    address: SocketAddr,
}

impl House {
    fn new() -> Self {
        let (mut reactor, simulation) = Reactor::simulated(1);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let publisher = Publisher::new("token").to(&ROOM);
        let routes = Routes::new()
            .at("/regular", || Parrot::<0>)
            .at("/chunked", || Parrot::<1>)
            .at("/sse", || Parrot::<2>)
            .at("/long_polling", || Parrot::<3>)
            .at("/websocket", || Parrot::<4>)
            .post("/publish/{channel}", publisher.recipe())
            .files("/files", concat!(env!("CARGO_MANIFEST_DIR"), "/ui"));
        // The page of an error shows what was asked for.
        let server = Server::on(listener).development(true);
        server.attach(&mut reactor, routes).expect("the routes can be served");
        Self { reactor, simulation, address }
    }

    fn connect(&self) -> Peer {
        self.simulation.connect(self.address).expect("it listens")
    }

    /// All that is answered to a request within a second.
    fn answer(&mut self, request: &Request) -> Vec<u8> {
        let peer = self.connect();
        peer.send(&request.bytes());
        self.reactor.advance(Duration::from_secs(1)).expect("it comes to rest");
        peer.finish();
        self.reactor.advance(Duration::from_secs(1)).expect("it comes to rest");
        peer.receive()
    }
}

/// Every byte of it encoded, as it may stand anywhere in a target.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// One answer, of a head that is one and nothing behind its body, none of it injected.
fn check(bytes: &[u8], what: &str) {
    let fault = |fault: String| -> ! { panic!("{what}: {fault}: {}", bytes.escape_ascii()) };
    let (response, used) = match response::read(bytes, false, true) {
        Ok(Some(read)) => read,
        // The chunks of an action that failed have no end; their head was read nevertheless.
        Ok(None) => return,
        Err(error) => fault(error),
    };
    if response.header(INJECTED).is_some() {
        fault("a header was injected".into());
    }
    if response.status != 101 && used != bytes.len() {
        fault(format!("{} bytes follow the answer", bytes.len() - used));
    }
    let kind = response.header("content-type").unwrap_or_default();
    if kind.starts_with("text/event-stream") {
        let text = String::from_utf8_lossy(&response.body).into_owned();
        let is_one = |line: &&str| {
            ["injected", "id: i", "event: i", "retry"].iter().any(|it| line.starts_with(it))
        };
        if let Some(line) = text.split(['\r', '\n']).find(is_one) {
            fault(format!("the line `{line}` was injected"));
        }
    }
}

#[test]
fn no_line_is_injected_from_any_place_on_any_wire() {
    let mut house = House::new();
    for transport in WIRES {
        for place in PLACES {
            for text in HOSTILE {
                let path = format!("/{transport}?place={}&text={}", encoded(place), encoded(text));
                let request = match transport {
                    Transport::Websocket => Request::upgrade(&path, &[]),
                    _ => Request::get(&path),
                };
                let bytes = house.answer(&request);
                let what = format!("{text:?} as {place} by {transport}");
                assert!(!bytes.is_empty(), "{what} is answered");
                check(&bytes, &what);
            }
        }
    }
}

#[test]
fn an_envelope_is_one_object_whatever_is_in_it() {
    let mut house = House::new();
    for place in ["event name", "event id", "event", "json", "published", "published name"] {
        for text in HOSTILE {
            let path = format!("/websocket?place={}&text={}", encoded(place), encoded(text));
            let bytes = house.answer(&Request::upgrade(&path, &["crampon.event.v1"]));
            let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").expect("it has a head") + 4;
            // Short frames of the server: a text message, if it could be said, and the close.
            let mut frames = &bytes[end..];
            while let [first, length, rest @ ..] = frames {
                assert!(*length < 126, "{place} {text:?} is short");
                let (payload, rest) = rest.split_at(usize::from(*length));
                if *first == 0x81 {
                    let object: serde_json::Value =
                        serde_json::from_slice(payload).expect("it is an object");
                    let names: Vec<_> = object.as_object().expect("it is").keys().collect();
                    assert!(names.iter().all(|name| ["id", "event", "data"].contains(&&***name)));
                }
                frames = rest;
            }
        }
    }
}

#[test]
fn no_line_is_injected_by_a_cursor_a_file_or_a_publisher() {
    let mut house = House::new();
    for text in HOSTILE {
        let text = encoded(text);
        for request in [
            Request::get(&format!("/long_polling?place=none&text=a&last-event-id={text}")),
            Request::get(&format!("/sse?place=none&text=a&last-event-id={text}")),
            Request::get(&format!("/files/pass?{text}")),
            Request::get(&format!("/files/pass/..%2F{text}")),
            Request::get(&format!("/files/{text}")),
            Request::get(&format!("/{text}")),
            Request::get("/long_polling?place=none&text=a")
                .header("if-none-match", "\"a\tinjected\""),
            Request::post(&format!("/publish/room?event={text}"), "hi"),
            Request::post(&format!("/publish/room?id={text}"), "hi"),
            Request::post(&format!("/publish/{text}"), "hi"),
        ] {
            let request = request.header("authorization", "Bearer token");
            let bytes = house.answer(&request);
            let what = String::from_utf8_lossy(&request.bytes()).into_owned();
            assert!(!bytes.is_empty(), "{what} is answered");
            check(&bytes, &what);
        }
    }
}
