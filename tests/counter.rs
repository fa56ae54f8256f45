//! A server in a process of its own that counts, for the tests that restart it, supervise it or
//! pull its cable.
//!
//! Serves on the listener it inherits, else on the address it is given, else on a free port, and
//! says in a line where: `listens on ADDRESS`. Actions under `/stay` say in a line why they end.
//! After the address, `brief` gives up lost peers within seconds. With `names` for an address it
//! says what its listeners are called, and serves nobody.

use crampon::action::Action;
use crampon::prelude::*;
use crampon::reactor::Listener;

fn main() -> crampon::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    if address == "names" {
        for (name, listener) in Listener::inherited()? {
            println!("`{name}` listens on {}", listener.local_addr()?);
        }
        return Ok(());
    }
    let is_brief = arguments.next().is_some_and(|word| word == "brief");
    let server = Server::inherited_or(address)?.service(Count { last: 0 }).limits(|limits| {
        limits.stop_retry_max = Duration::from_millis(500);
        if is_brief {
            limits.write_timeout = Duration::from_secs(3);
            limits.tcp_keep_alive = Some(Duration::from_secs(1));
        }
    });
    println!("listens on {}", server.local_addr()?);
    let routes = Routes::new()
        .at("/count", || Counted)
        .at("/hello", || Hello)
        .at("/wedge", || Wedge)
        .at("/stay", || Stay)
        .at("/stay/talking", || Talk)
        .post("/stay/upload", || Upload);
    server.serve(routes)
}

/// What is counted, each number with the process that says it.
const COUNT: Channel = Channel::new("count").history(1_000);

/// Counts a hundred times a second.
#[service]
struct Count {
    last: u64,
}

#[callbacks]
impl Count {
    #[periodic_timer(every = "10ms")]
    fn count(&mut self, cx: &mut Context<Self>) {
        self.last += 1;
        cx.publish(COUNT, format!("{} {}", std::process::id(), self.last));
    }
}

/// Hears the count.
#[action(transport = websocket | sse | long_polling, subscribe = COUNT)]
struct Counted;

#[callbacks]
impl Counted {}

/// Says hello.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("hello");
        cx.finish();
    }
}

/// Holds the loop for ever.
#[action(transport = regular)]
struct Wedge;

#[callbacks]
impl Wedge {
    #[on_start]
    fn hold(&mut self, _cx: &mut Context<Self>) {
        loop {
            std::thread::park();
        }
    }
}

fn say_why<A: Action>(cx: &Context<A>) {
    println!("{} {} ends: {}", cx.method(), cx.transport(), cx.finish_reason());
}

/// Stays, and is silent.
#[action(transport = websocket | sse | long_polling)]
struct Stay;

#[callbacks]
impl Stay {
    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        say_why(cx);
    }
}

/// Stays, and talks.
#[action(transport = chunked)]
struct Talk;

#[callbacks]
impl Talk {
    #[on_start]
    #[periodic_timer(every = "100ms")]
    fn talk(&mut self, cx: &mut Context<Self>) {
        cx.render("and another thing");
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        say_why(cx);
    }
}

/// Waits for a body.
#[action(transport = regular)]
struct Upload;

#[callbacks]
impl Upload {
    #[on_data]
    fn take(&mut self, cx: &mut Context<Self>, _body: &[u8]) {
        cx.finish();
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        say_why(cx);
    }
}
