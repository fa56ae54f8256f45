//! The embedded loop: its sockets, its timer, its thread and its web server side by side.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};

use crampon::protocol::sse::{Event, Item};
use crampon_tests::{Browser, Events, Example, PATIENCE};
use serde_json::Value;

/// The example, and the addresses of its lines, its datagrams and its page.
fn embed() -> (Example, [SocketAddr; 3]) {
    let mut example = Example::start("embed", &[]);
    let [datagrams, page] = [(); 2].map(|()| example.program().address());
    let addresses = [example.address(), datagrams, page];
    (example, addresses)
}

/// A viewer of the page's figures.
fn watch(page: SocketAddr) -> Events {
    Events::open(Browser::connect(page), "/counts")
}

/// A caller of the line service.
struct Caller(BufReader<TcpStream>);

impl Caller {
    fn connect(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).expect("the service listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("the patience is not zero");
        Self(BufReader::new(stream))
    }

    fn say(&mut self, bytes: &str) {
        self.0.get_mut().write_all(bytes.as_bytes()).expect("the service takes it");
    }

    /// The next line; empty when the service has hung up.
    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("the service speaks");
        line
    }
}

#[test]
fn datagrams_come_back_and_callers_are_told_how_many() {
    let (_example, [lines, datagrams, _]) = embed();
    let socket = UdpSocket::bind("127.0.0.1:0").expect("there is a free port");
    socket.set_read_timeout(Some(PATIENCE)).expect("the patience is not zero");
    for text in [&b"one"[..], b"", &[b'x'; 60_000]] {
        socket.send_to(text, datagrams).expect("it can be sent");
        let mut buffer = vec![0; 65_507];
        let (length, _) = socket.recv_from(&mut buffer).expect("it comes back");
        assert!(buffer[..length] == *text);
    }
    let mut caller = Caller::connect(lines);
    caller.say("COUNT\n");
    assert_eq!(caller.hear(), "3 datagrams\n");
}

#[test]
fn lines_are_answered_however_they_arrive() {
    let (_example, [lines, ..]) = embed();
    let mut caller = Caller::connect(lines);
    caller.say("PING\nPI");
    assert_eq!(caller.hear(), "PONG\n");
    caller.say("NG\r\nHELP\n");
    assert_eq!(caller.hear(), "PONG\n");
    assert_eq!(caller.hear(), "say PING, COUNT, UPTIME or QUIT\n");
    caller.say("UPTIME\n");
    assert!(caller.hear().ends_with(" seconds\n"));
    caller.say("QUIT\n");
    assert_eq!(caller.hear(), "BYE\n");
    assert_eq!(caller.hear(), "");
}

#[test]
fn who_never_ends_a_line_is_hung_up_on() {
    let (_example, [lines, ..]) = embed();
    let mut caller = Caller::connect(lines);
    let _ = caller.0.get_mut().write_all(&[b'x'; 1 << 20]);
    // Its bytes unread, the connection is reset rather than closed.
    assert!(matches!(caller.0.read_line(&mut String::new()), Ok(0) | Err(_)));
    let mut other = Caller::connect(lines);
    other.say("PING\n");
    assert_eq!(other.hear(), "PONG\n");
}

#[test]
fn what_a_thread_reads_is_heard_by_callers_and_on_the_page() {
    let (mut example, [lines, _, web]) = embed();
    let mut caller = Caller::connect(lines);
    caller.say("PING\n");
    assert_eq!(caller.hear(), "PONG\n");
    let mut page = watch(web);
    example.program().input().write_all(b"good evening\n").expect("the example reads");
    assert_eq!(caller.hear(), "good evening\n");
    loop {
        let Event { event: name, data, .. } = page.event();
        if name == "message" {
            assert_eq!(data, "good evening");
            break;
        }
    }
}

#[test]
fn the_page_shows_what_the_loop_counts() {
    let (_example, [lines, _, web]) = embed();
    let mut browser = Browser::connect(web);
    browser.get("/");
    assert!(browser.answer().text().contains("EventSource"));
    let mut page = watch(web);
    let mut caller = Caller::connect(lines);
    caller.say("PING\n");
    assert_eq!(caller.hear(), "PONG\n");
    loop {
        let Event { event: name, data, .. } = page.event();
        let counts: Value = serde_json::from_str(&data).expect("the figures are JSON");
        assert_eq!(name, "counts");
        if counts["commands"] == 1 && counts["uptime"].as_u64() >= Some(1) {
            break;
        }
    }
}

#[test]
fn everyone_is_sent_home_on_sigterm() {
    let (example, [lines, _, web]) = embed();
    let mut caller = Caller::connect(lines);
    caller.say("PING\n");
    assert_eq!(caller.hear(), "PONG\n");
    let page = watch(web);
    example.terminate();
    assert_eq!(caller.hear(), "");
    let last = page.last();
    assert!(matches!(last, Some(Item::Retry(_))), "{last:?}");
    example.wait();
}
