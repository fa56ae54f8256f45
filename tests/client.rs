//! The browser's client in a real Chromium, through a proxy that blocks, holds back and cuts, and
//! through a server's restart; and what browsers do without it.
//!
//! Needs Debian's `chromium` and `chromium-driver`; without them it fails and says so.

use crampon::prelude::*;
use crampon_tests::{Chromium, Host, Tab};
use gate::{Gate, Kind};
use serde_json::json;

mod gate;

/// What the pages hear.
const NEWS: Channel = Channel::new("news").history(100);

/// Hears the news, and hands on what it is told.
#[action(transport = websocket | sse | long_polling, subscribe = NEWS)]
struct Live;

#[callbacks]
impl Live {
    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish(NEWS, text);
    }
}

/// A page that writes down what it is told to.
const PAGE: &str = r#"<!doctype html>
<title>What is heard</title>
<p></p>
<script>
    const heard = () => document.querySelector("p").textContent.trim();
    const note = (text) => document.querySelector("p").append(text, " ");
</script>
"#;

/// What a page that uses the client has besides.
const CLIENT: &str = r#"<script type="module">
    import { connect } from "/crampon.js";
    window.live = connect("/live");
    const show = ({ state, transport, leader }) => {
        document.body.dataset.state = `${state} ${transport}`;
        document.body.dataset.leads = leader;
    };
    show(live.state);
    live.addEventListener("state", (event) => show(event.detail));
    // What moves its place alone is no event; it is to be seen all the same.
    let place = live.lastEventId;
    Object.defineProperty(live, "lastEventId", {
        get: () => place,
        set: (id) => document.body.dataset.place = place = id,
    });
    live.addEventListener("message", (event) => note(event.data));
    live.addEventListener("gap", (event) => note(`gap:${event.detail.reason}`));
</script>
"#;

/// Answers with a page.
#[action(transport = regular)]
struct Page(String);

#[callbacks]
impl Page {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        cx.render(&*self.0);
        cx.finish();
    }
}

#[test]
fn nothing_is_lost_from_one_transport_to_the_next() {
    let mut stage = Stage::new();
    let page = stage.open("/");
    page.see(&is("open websocket"));
    stage.say_around_cuts(2, &page);

    stage.gate.refuse(Kind::Socket);
    stage.say_around_cuts(1, &page);
    page.see(&is("open sse"));
    stage.say_around_cuts(1, &page);

    stage.gate.refuse(Kind::Events);
    stage.say_around_cuts(1, &page);
    page.see(&is("open poll"));
    stage.say_around_cuts(2, &page);

    stage.gate.allow(Kind::Socket);
    page.run("dispatchEvent(new Event('online'))");
    page.see(&is("open websocket"));
    stage.say_around_cuts(1, &page);
    stage.gate.wait_for_lines(&[Kind::Socket]);
}

#[test]
fn what_is_never_answered_is_given_up_for_the_next_transport() {
    let mut stage = Stage::new();
    stage.gate.refuse(Kind::Socket);
    stage.gate.hold(Kind::Events);
    let page = stage.open("/");
    page.see(&is("open poll"));
    stage.say();
    stage.expect_heard(&page);
}

#[test]
fn a_newcomer_misses_nothing_though_it_has_heard_nothing() {
    for blocked in [&[][..], &[Kind::Socket], &[Kind::Socket, Kind::Events]] {
        let mut stage = Stage::new();
        for kind in blocked {
            stage.gate.refuse(*kind);
        }
        let page = stage.open("/");
        page.see("document.body.dataset.place && live.state.state === 'open'");
        stage.gate.cut();
        stage.say();
        stage.expect_heard(&page);
    }
}

#[test]
fn an_error_page_does_not_end_it() {
    let mut stage = Stage::new();
    stage.gate.refuse(Kind::Socket);
    let page = stage.open("/");
    page.see(&is("open sse"));
    stage.say();
    stage.expect_heard(&page);

    let asked = stage.gate.asked(Kind::Events);
    stage.gate.refuse(Kind::Events);
    stage.gate.cut();
    stage.gate.wait_until_asked(Kind::Events, asked + 1);
    stage.gate.allow(Kind::Events);
    stage.say();
    stage.expect_heard(&page);
    page.see(&is("open sse"));
}

#[test]
fn a_server_that_began_anew_is_told_as_a_gap() {
    for blocked in [None, Some(Kind::Socket)] {
        let mut stage = Stage::new();
        if let Some(kind) = blocked {
            stage.gate.refuse(kind);
        }
        let page = stage.open("/");
        page.see("live.state.state === 'open'");
        stage.say_around_cuts(1, &page);

        stage.restart();
        stage.said.push("gap:epoch".to_owned());
        stage.expect_heard(&page);
        stage.say_around_cuts(1, &page);
    }
}

#[test]
fn tabs_share_a_connection_and_hand_it_over() {
    let mut stage = Stage::new();
    let leader = stage.open("/");
    leader.see(&is("open websocket"));
    let follower = stage.open("/");
    follower.see(&is("open websocket"));
    assert_eq!(follower.run("return live.state.leader"), json!(false));
    for _ in 0..3 {
        stage.say();
    }
    stage.expect_heard(&leader);
    stage.expect_heard(&follower);

    // What a follower sends goes over its leader's socket.
    follower.run("live.send('hello')");
    stage.said.push("hello".to_owned());
    stage.expect_heard(&leader);
    stage.expect_heard(&follower);
    stage.say_around_cuts(1, &follower);
    stage.expect_heard(&leader);
    stage.gate.wait_for_lines(&[Kind::Socket]);
    assert_eq!(stage.gate.asked(Kind::Socket), 2, "one before the cut, one after");

    stage.say();
    leader.close();
    stage.say();
    follower.see("live.state.leader");
    stage.say();
    stage.expect_heard(&follower);
    stage.gate.wait_for_lines(&[Kind::Socket]);
    assert_eq!(stage.gate.asked(Kind::Socket), 3, "one of the new leader's");
}

#[test]
fn more_tabs_than_a_browser_has_connections_for_all_hear() {
    let mut stage = Stage::new();
    // Six connections to a host are a browser's over HTTP/1.1; sockets are counted apart.
    stage.gate.refuse(Kind::Socket);
    let [leader, follower] = [stage.open("/"), stage.open("/")];
    follower.see(&is("open sse"));
    follower.run("live.addEventListener('aside', (event) => note(event.data))");
    let others: Vec<Tab> = (0..6).map(|_| stage.open("/")).collect();
    for tab in &others {
        tab.see(&is("open sse"));
    }
    follower.run("return live.send({ hello: 1 }).then(() => 0)");
    stage.said.push(r#"{"hello":1}"#.to_owned());
    stage.say();
    for tab in others.iter().chain([&leader, &follower]) {
        stage.expect_heard(tab);
    }

    // A name only one of them listens for.
    stage.host.publish(NEWS, Event::new("psst").named("aside"));
    follower.see("heard().endsWith(' psst')");
    stage.gate.wait_for_lines(&[Kind::Events]);
}

#[test]
fn a_tab_that_is_frozen_leads_no_more_and_misses_nothing() {
    let mut stage = Stage::new();
    let tabs = [stage.open("/"), stage.open("/"), stage.open("/")];
    for tab in &tabs {
        tab.see(&is("open websocket"));
    }
    let [leader, others @ ..] = &tabs;
    stage.say();
    leader.freeze();
    stage.say();
    for tab in others {
        stage.expect_heard(tab);
    }
    leader.thaw();
    stage.say();
    for tab in &tabs {
        stage.expect_heard(tab);
    }
    assert_eq!(leader.run("return live.state.leader"), json!(false));
    stage.gate.wait_for_lines(&[Kind::Socket]);
}

#[test]
fn an_event_source_alone_resumes_though_it_has_heard_nothing() {
    let mut stage = Stage::new();
    let page = stage.open("/bare");
    page.run(
        "const source = new EventSource('/live');
         source.onmessage = (event) => note(event.data);
         return new Promise((resolve) => source.onopen = resolve).then(() => 0)",
    );
    stage.gate.cut();
    stage.say();
    stage.expect_heard(&page);
    assert_eq!(stage.gate.asked(Kind::Events), 2);
    let head = stage.gate.last_asked(Kind::Events).to_ascii_lowercase();
    assert!(head.contains("\r\nlast-event-id: "), "{head}");
}

#[test]
fn a_web_socket_alone_hears_and_speaks() {
    let mut stage = Stage::new();
    let page = stage.open("/bare");
    page.run(
        "window.socket = new WebSocket('/live');
         socket.onmessage = (event) => note(event.data);
         return new Promise((resolve) => socket.onopen = resolve).then(() => 0)",
    );
    stage.say();
    stage.expect_heard(&page);
    page.run("socket.send('hello')");
    stage.said.push("hello".to_owned());
    stage.expect_heard(&page);
}

/// A server, a gate before it, a browser before that, and what was said so far.
struct Stage {
    chromium: Chromium,
    gate: Gate,
    host: Host,
    said: Vec<String>,
    next: u32,
}

impl Stage {
    fn new() -> Self {
        let host = serve();
        let gate = Gate::before(host.address());
        Self { chromium: Chromium::start(), gate, host, said: vec![], next: 0 }
    }

    /// Opens a page of the server's in a further tab.
    fn open(&self, path: &str) -> Tab {
        let tab = self.chromium.new_tab();
        tab.open(&self.gate.url(path));
        tab
    }

    /// Publishes the next number.
    fn say(&mut self) {
        self.next += 1;
        self.host.publish(NEWS, self.next.to_string());
        self.said.push(self.next.to_string());
    }

    /// Publishes before and after each of so many cuts, and has the page hear it all.
    fn say_around_cuts(&mut self, cuts: usize, page: &Tab) {
        // One who has not been told where it stands cannot come back to it.
        page.see("document.body.dataset.place");
        for _ in 0..cuts {
            self.say();
            self.gate.cut();
            self.say();
            self.expect_heard(page);
        }
    }

    /// Expects a page to have heard all that was said, each once and in order.
    fn expect_heard(&self, page: &Tab) {
        page.see(&format!("heard() === '{}'", self.said.join(" ")));
    }

    /// Ends the server and serves anew, at the same address for all that a browser can tell.
    fn restart(&mut self) {
        let old = std::mem::replace(&mut self.host, serve());
        old.close();
        self.gate.lead_to(self.host.address());
    }
}

fn serve() -> Host {
    Host::serve(|| {
        Routes::new()
            .client("/crampon.js")
            .at("/live", || Live)
            .get("/", || Page([PAGE, CLIENT].concat()))
            .get("/bare", || Page(PAGE.to_owned()))
    })
}

/// Claims that the client says it is in this state, on this transport.
fn is(state: &str) -> String {
    format!("document.body.dataset.state === '{state}'")
}
