//! Asking: the requests of visitors, legal ones, and others.

use crampon::protocol::http::Method;
use crampon_claims::strict::Asked;
use crampon_tests::{Chance, Request};

/// A request, and what its answer depends on.
pub struct Asking {
    pub bytes: Vec<u8>,
    pub asked: Asked,
    /// The connection is a socket or a stream if this is granted: nothing is asked behind it.
    pub is_stream: bool,
    /// What it says over the socket comes back.
    pub is_echoed: bool,
}

impl Asking {
    fn of(request: &Request) -> Self {
        Self { bytes: request.bytes(), asked: Asked::PLAIN, is_stream: false, is_echoed: false }
    }

    fn stream(self) -> Self {
        Self { is_stream: true, ..self }
    }
}

/// Something to do for an action, as its query or a message tells it.
pub fn deeds(chance: &mut Chance) -> String {
    let count = chance.below(5);
    let mut deeds: Vec<String> = (0..count).map(|_| deed(chance)).collect();
    if chance.one_in(2) {
        deeds.push("f".into());
    }
    deeds.join(".")
}

fn deed(chance: &mut Chance) -> String {
    let (channel, short) = (chance.below(6), chance.below(300));
    match chance.below(24) {
        0..4 => format!("s{short}"),
        4 => format!("s{}", chance.below(5_000)),
        5 => format!("b{short}"),
        6 | 7 => format!("p{channel}"),
        8 => format!("P{channel}"),
        9..12 => format!("c{channel}"),
        12 => format!("u{channel}"),
        13 => format!("e{channel}"),
        14 => chance.pick(&["l", "w", "D"]).into(),
        15 | 16 => format!("a{}", chance.pick(&[1, 50, 700, 3_000, 40_000])),
        17 => "d".into(),
        18 => format!("t{}", 1 + chance.below(3_000)),
        19 => format!("h{}", chance.below(1_000)),
        20 => format!("k{}", chance.below(4_000)),
        21 => format!("i{}", chance.below(300)),
        22 => "r".into(),
        _ if chance.one_in(2) => "x".into(),
        _ => "f".into(),
    }
}

fn query(chance: &mut Chance) -> String {
    let check = match chance.below(12) {
        0 => "&check=halt",
        1 => "&check=panic",
        2 => "&check=hold&later=2000",
        3 => "&check=hold-halt",
        4 => "&check=hold-defer",
        5 if chance.one_in(3) => "&check=hold-ever",
        _ => "",
    };
    let bye = match chance.below(10) {
        0 => "&bye=panic",
        1 => "&bye=fail",
        2 => "&bye=publish",
        3 => "&bye=more",
        _ => "",
    };
    format!("?do={}{check}{bye}", deeds(chance))
}

/// A request for one answer, or for a stream.
pub fn request(chance: &mut Chance) -> Asking {
    let query = query(chance);
    match chance.below(16) {
        0 => Asking::of(&Request::get("/nowhere")),
        1 => Asking::of(&Request::new(Method::DELETE, "/regular")),
        2 => {
            let path = chance.pick(&["/regular", "/chunked", "/sse", "/poll", "/any"]);
            let asking = Asking::of(&Request::new(Method::HEAD, &format!("{path}{query}")));
            Asking { asked: Asked { is_head: true, ..Asked::PLAIN }, ..asking }
        }
        3..6 => Asking::of(&Request::get(&format!("/regular{query}"))),
        6 => Asking::of(&Request::get(&format!("/chunked{query}"))).stream(),
        7 => Asking::of(&Request::get(&format!("/sse{query}"))).stream(),
        8 => Asking::of(&Request::get(&format!("/poll{query}"))).stream(),
        9 => {
            let accept = chance.pick(&["text/event-stream", "application/json", "*/*"]);
            let path = match chance.below(2) {
                0 => format!("/any{query}"),
                _ => format!("/listen?c={}", chance.below(6)),
            };
            Asking::of(&Request::get(&path).header("accept", accept)).stream()
        }
        _ => body(chance),
    }
}

/// A request with a body.
fn body(chance: &mut Chance) -> Asking {
    let path =
        chance.pick(&["/upload", "/regular", "/any", "/poll", "/chunked", "/regular?do=s9.f"]);
    let bytes = vec![b'u'; length(chance)];
    let request = Request::post(path, "");
    let request = match chance.below(3) {
        0 => request.header("content-type", "application/x-www-form-urlencoded"),
        _ => request,
    };
    let expects = chance.one_in(4);
    let request = if expects { request.header("expect", "100-continue") } else { request };
    let request = match chance.one_in(2) {
        true => request.chunks(bytes.chunks(1 + chance.below(700))),
        false => request.body(bytes),
    };
    let asking = Asking::of(&request);
    Asking { asked: Asked { expects, ..Asked::PLAIN }, ..asking }
}

fn length(chance: &mut Chance) -> usize {
    match chance.below(6) {
        0 => 0,
        1..4 => chance.below(200),
        4 => chance.below(4_000),
        _ => chance.below(20_000),
    }
}

/// A request for a WebSocket.
pub fn upgrade(chance: &mut Chance) -> Asking {
    let asked = Asked { is_upgrade: true, ..Asked::PLAIN };
    let (path, is_echoed) = match chance.below(6) {
        0 | 1 => ("/socket".to_owned(), true),
        5 => ("/dedicated".to_owned(), true),
        2 => ("/parts".to_owned(), true),
        3 => (format!("/socket{}", query(chance)), false),
        _ => (format!("/listen?c={}", chance.below(6)), false),
    };
    let offered: &[&str] = if chance.one_in(2) { &["crampon.event.v1"] } else { &[] };
    let request = Request::upgrade(&path, if is_echoed { &[] } else { offered });
    let request = match chance.below(4) {
        0 => request.header("sec-websocket-extensions", "permessage-deflate"),
        1 => request.header(
            "sec-websocket-extensions",
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits",
        ),
        _ => request,
    };
    let asking = Asking::of(&request);
    Asking { asked, is_echoed, is_stream: true, ..asking }
}

/// What may be no request at all; never HEAD, whose answer is read differently.
pub fn garbage(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = match chance.below(3) {
        0 => upgrade(chance).bytes,
        _ => loop {
            let asking = request(chance);
            if !asking.asked.is_head {
                break asking.bytes;
            }
        },
    };
    for _ in 0..chance.below(4) {
        let at = chance.below(bytes.len());
        match chance.below(5) {
            0 => bytes[at] = chance.pick(b"\r\n\0 :;a\xff5"),
            1 if bytes.len() > 1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, chance.pick(b"\r\n\0 :;a\xff5")),
            3 => bytes.truncate(at + 1),
            _ => {
                let end = at + chance.below(bytes.len() - at);
                let twice = bytes[at..end].to_vec();
                bytes.splice(at..at, twice);
            }
        }
    }
    bytes
}
