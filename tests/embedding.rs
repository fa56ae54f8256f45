//! A server inside another loop: another selector waits for its descriptor and gives it turns.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crampon::prelude::*;
use crampon::reactor::{self, Handler, Listener, Reactor, Readiness, Scope};
use crampon_tests::{Browser, PATIENCE};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

/// Ticks three times, with the word from the path.
#[action(transport = sse)]
struct Ticker;

#[callbacks]
impl Ticker {
    #[periodic_timer(every = "5ms")]
    fn tick(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        cx.render(cx.param::<String>("word")?);
        Ok(())
    }

    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
    }
}

#[test]
fn a_server_lives_inside_a_loop_of_another_making() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let server = Server::bind("127.0.0.1:0").expect("a port is free");
    let routes = Routes::new().at("/{word}", || Ticker);
    let running = server.attach(&mut reactor, routes).expect("the route can be served");
    let address = running.local_addr().expect("it is bound");

    let mut outer = Poll::new().expect("descriptors are left");
    let mut events = Events::with_capacity(8);
    let descriptor = reactor.as_raw_fd();
    outer
        .registry()
        .register(&mut SourceFd(&descriptor), Token(0), Interest::READABLE)
        .expect("a selector can be waited for");

    let (tell, told) = mpsc::channel();
    let client = std::thread::spawn(move || {
        let mut browser = Browser::connect(address);
        browser.get("/tick");
        browser.head();
        for _ in 0..3 {
            assert_eq!(browser.take_until("\n\n"), "data: tick\n\n");
        }
        running.publish("room", "from outside").expect("it runs");
        while browser.take_until("\n\n") != "data: from outside\n\n" {}
        running.stop().expect("it runs");
        browser.take_until("retry: ");
        browser.take_all();
        tell.send(()).expect("it is waited for");
    });
    let began = Instant::now();
    let mut is_running = true;
    while is_running {
        assert!(began.elapsed() < PATIENCE, "the server stops when it is told to");
        let limit = reactor.deadline().map_or(Duration::from_secs(1), |deadline| {
            deadline.saturating_duration_since(Instant::now())
        });
        outer.poll(&mut events, Some(limit)).expect("the outer selector works");
        is_running = reactor.turn(Some(Duration::ZERO)).expect("the inner selector works");
    }
    told.recv_timeout(PATIENCE).expect("the client was served");
    client.join().expect("the client saw what it was to see");
}

#[test]
fn two_servers_share_a_loop_and_stop_apart() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let [first, second] = ["first", "second"].map(|word| {
        let server = Server::bind("127.0.0.1:0").expect("a port is free");
        let routes = Routes::new().at("/", move || Word(word));
        server.attach(&mut reactor, routes).expect("the route can be served")
    });
    let client = std::thread::spawn(move || {
        let say = |running: &crampon::Running| {
            let mut browser = Browser::connect(running.local_addr().expect("it is bound"));
            browser.get("/");
            browser.answer().text().to_owned()
        };
        assert_eq!((say(&first), say(&second)), ("first".into(), "second".into()));
        first.stop().expect("it runs");
        assert_eq!(say(&second), "second");
        second.stop().expect("it runs");
    });
    reactor.run().expect("the loop ends with its last handler");
    client.join().expect("the client saw what it was to see");
}

#[test]
fn a_server_listens_on_a_unix_socket() {
    let name = format!("crampon-tests-{}.socket", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut reactor = Reactor::new().expect("descriptors are left");
    let listener = Listener::bind_unix(&path).expect("the path is free");
    let routes = Routes::new().at("/", || Word("over a path"));
    let running = Server::on(listener).attach(&mut reactor, routes).expect("it can be served");
    assert_eq!(running.local_addr(), None);
    let mut client = UnixStream::connect(&path).expect("it listens");
    let client = std::thread::spawn(move || {
        client.set_read_timeout(Some(PATIENCE)).expect("it is open");
        let request = b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
        client.write_all(request).expect("the server takes it");
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("the server answers and closes");
        running.stop().expect("it runs");
        answer
    });
    reactor.run().expect("the loop ends with its last handler");
    let answer = client.join().expect("the client read to the end");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("over a path"));
    std::fs::remove_file(&path).expect("it was made here");
}

/// Answers with its word.
#[action(transport = regular)]
struct Word(&'static str);

#[callbacks]
impl Word {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render(self.0);
        cx.finish();
    }
}

/// Asks for two moments, between which somebody else's comes.
#[action(transport = regular)]
struct Hurried;

#[callbacks]
impl Hurried {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_millis(10), |_, _| {});
        cx.after(Duration::from_millis(30), |_, cx| cx.finish());
    }
}

/// Takes its time, on the loop's.
struct Sluggish;

impl Handler for Sluggish {
    fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}

    fn expired(&mut self, _: reactor::Timer, _: u64, _: &mut Scope<'_>) {
        std::thread::sleep(SLUGGISH);
    }
}

/// The same on a server of its own.
#[action(transport = regular)]
struct Drowsy;

#[callbacks]
impl Drowsy {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_millis(20), |_, _| std::thread::sleep(SLUGGISH));
    }
}

const SLUGGISH: Duration = Duration::from_millis(300);

#[test]
fn what_another_handler_takes_is_no_callbacks_time() {
    for is_server in [false, true] {
        let (mut reactor, simulation) = Reactor::simulated(1);
        let [ours, theirs] = [80, 81].map(|port| {
            let listener = simulation.listen(([10, 0, 0, 1], port).into()).expect("it is free");
            let address = listener.local_addr().expect("it listens");
            let routes = Routes::new()
                .get("/", || Hurried)
                .get("/drowsy", || Drowsy)
                .get("/metrics", Metrics::new);
            Server::on(listener).attach(&mut reactor, routes).expect("they can be served");
            address
        });
        let ask = |reactor: &mut Reactor, address, path: &str| {
            let peer = simulation.connect(address).expect("it listens");
            peer.send(format!("GET {path} HTTP/1.1\r\nHost: t\r\n\r\n").as_bytes());
            reactor.advance(Duration::ZERO).expect("the loop comes to rest");
            peer
        };
        let _hurried = ask(&mut reactor, ours, "/");
        let _drowsy = is_server.then(|| ask(&mut reactor, theirs, "/drowsy"));
        if !is_server {
            let sluggish = reactor.add(|scope| {
                scope.after(Duration::from_millis(20), 0);
                Ok(Sluggish)
            });
            sluggish.expect("it needs nothing");
        }
        // All three moments come in one tick.
        simulation.stall(Duration::from_millis(40));
        reactor.advance(Duration::from_millis(50)).expect("the loop comes to rest");
        let figures = ask(&mut reactor, ours, "/metrics").receive();
        let figures = String::from_utf8_lossy(&figures).into_owned();
        let longest: Vec<(&str, f64)> = figures
            .lines()
            .filter(|line| line.starts_with("crampon_callback_longest_seconds{"))
            .filter_map(|line| line.rsplit_once(' '))
            .map(|(name, took)| (name, took.parse().expect("a gauge is a number")))
            .collect();
        assert!(!longest.is_empty());
        for (name, took) in longest {
            assert!(took < SLUGGISH.as_secs_f64(), "{name} took {took} s");
        }
    }
}
