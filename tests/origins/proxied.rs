//! Behind proxies: whom the server believes about who asks, by which scheme and for which host.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use crampon::prelude::*;
use crampon::reactor::{Listener, Reactor};
use crampon::server::ProxyHeaders;
use crampon::trial::World;
use crampon_tests::PATIENCE;

use super::{UPGRADE, asked, logged};

/// Says how it was asked.
#[action(transport = websocket | regular)]
struct Mirror;

#[callbacks]
impl Mirror {
    #[on_start]
    fn tell(&mut self, cx: &mut Context<Self>) {
        let client = cx.remote_addr().map_or("nobody".into(), |client| client.ip().to_string());
        let host = cx.host().unwrap_or("no host");
        cx.render(format!("{client} {} {host}", cx.scheme()));
        cx.finish();
    }
}

fn routes() -> Routes {
    Routes::new().at("/", || Mirror)
}

/// A server behind a proxy on its own machine, and one in front of the internet.
fn worlds() -> [World; 2] {
    let named = ["127.0.0.1", "10.0.0.0/8"];
    [World::with(routes(), move |server| server.trust_proxies(named)), World::new(routes())]
}

#[test]
fn an_action_knows_its_client_through_trusted_proxies_and_others_cannot_lie() {
    let [behind, bare] = worlds();
    for (headers, told) in [
        ("", "127.0.0.1 http inner:3000"),
        ("x-forwarded-for: 192.0.2.1\n", "192.0.2.1 http inner:3000"),
        ("x-forwarded-for: 1.1.1.1, 192.0.2.1, 10.0.0.7\n", "192.0.2.1 http inner:3000"),
        (
            "x-forwarded-for: 192.0.2.1\nx-forwarded-proto: https\nx-forwarded-host: a.example\n",
            "192.0.2.1 https a.example",
        ),
        (
            "forwarded: for=192.0.2.1;proto=https;host=\"a.example:8443\"\n",
            "192.0.2.1 https a.example:8443",
        ),
        ("forwarded: for=\"[2001:db8::1]\", for=10.0.0.7\n", "2001:db8::1 http inner:3000"),
        ("forwarded: for=_hidden\n", "nobody http inner:3000"),
    ] {
        let head = format!("GET / HTTP/1.1\nhost: inner:3000\n{headers}");
        asked(&behind, &head).expect_status(200).expect_render(told);
        asked(&bare, &head).expect_status(200).expect_render("127.0.0.1 http inner:3000");
    }
}

#[test]
fn a_page_is_own_if_it_is_of_the_host_its_viewer_asked_the_proxy_for() {
    let [behind, bare] = worlds();
    for (headers, origin, through_proxy, without) in [
        ("", "http://inner:3000", 101, 101),
        ("x-forwarded-host: a.example\n", "https://a.example", 101, 403),
        ("x-forwarded-host: a.example\n", "http://inner:3000", 403, 101),
        ("forwarded: host=a.example;proto=https\n", "https://a.example", 101, 403),
        // A page that came unencrypted is not one of a host that is asked by TLS.
        ("forwarded: host=a.example;proto=https\n", "http://a.example", 403, 403),
        ("x-forwarded-proto: https\n", "https://inner:3000", 101, 101),
        ("x-forwarded-proto: https\n", "http://inner:3000", 403, 101),
        // Another proxy further out may have ended TLS.
        ("x-forwarded-proto: http\n", "https://inner:3000", 101, 101),
    ] {
        let head =
            format!("GET / HTTP/1.1\nhost: inner:3000\n{UPGRADE}{headers}origin: {origin}\n");
        let statuses = [&behind, &bare].map(|world| asked(world, &head).status());
        assert_eq!(statuses, [Some(through_proxy), Some(without)], "{headers:?} {origin}");
    }
}

#[test]
fn a_way_that_is_told_in_two_readings_is_refused_to_who_is_believed() {
    let [behind, bare] = worlds();
    for headers in [
        "forwarded: for=192.0.2.1\nx-forwarded-for: 192.0.2.1\n",
        "forwarded: for=\", for=192.0.2.1\n",
        "x-forwarded-host: a b\n",
    ] {
        let head = format!("GET / HTTP/1.1\nhost: inner\n{headers}");
        asked(&behind, &head).expect_status(400).expect_header("connection", "close");
        asked(&bare, &head).expect_status(200);
    }
}

#[test]
fn a_server_that_is_told_by_which_headers_lets_the_others_be() {
    let both = "GET / HTTP/1.1\nhost: inner\nforwarded: for=192.0.2.1\n\
                x-forwarded-for: 192.0.2.2\n";
    for (headers, client) in
        [(ProxyHeaders::Forwarded, "192.0.2.1"), (ProxyHeaders::XForwarded, "192.0.2.2")]
    {
        let world = World::with(routes(), move |server| {
            server.trust_proxies(["127.0.0.1"]).proxy_headers(headers)
        });
        asked(&world, both).expect_render(&format!("{client} http inner"));
    }
}

#[test]
fn the_log_has_the_address_of_the_client() {
    let [behind, _] = worlds();
    for (path, client) in [("/", "192.0.2.1"), ("/nowhere", "192.0.2.2")] {
        let line = logged(&format!("GET {path} "), || {
            let head = format!("GET {path} HTTP/1.1\nhost: a\nx-forwarded-for: {client}\n");
            assert!(asked(&behind, &head).status().is_some());
        });
        assert!(line.contains(&format!("remote={client}:0")), "{line}");
    }
}

#[test]
fn who_connects_to_a_unix_socket_is_believed_if_that_is_said() {
    let path = std::env::temp_dir().join(format!("crampon-proxied-{}", std::process::id()));
    for (named, told) in [(vec!["unix"], "192.0.2.1 https inner"), (vec![], "nobody http inner")] {
        let _ = fs::remove_file(&path);
        let listener = Listener::bind_unix(&path).expect("the path is free");
        let mut reactor = Reactor::new().expect("descriptors are left");
        let server = Server::on(listener).trust_proxies(named);
        server.attach(&mut reactor, routes()).expect("the routes can be served");
        let mut stream = UnixStream::connect(&path).expect("the server listens");
        let request = "GET / HTTP/1.1\r\nhost: inner\r\nconnection: close\r\n\
                       x-forwarded-for: 192.0.2.1\r\nx-forwarded-proto: https\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("the server takes it");
        stream.set_nonblocking(true).expect("the stream is open");
        let mut answer = Vec::new();
        let asked_at = std::time::Instant::now();
        while !answer.ends_with(told.as_bytes()) {
            assert!(asked_at.elapsed() < PATIENCE, "{}", String::from_utf8_lossy(&answer));
            reactor.turn(Some(PATIENCE)).expect("the selector works");
            // What is not there yet comes with a later turn.
            let _ = stream.read_to_end(&mut answer);
        }
    }
    fs::remove_file(&path).expect("the server made it");
}

#[test]
fn what_is_not_believed_is_told_to_who_asks_and_to_who_debugs() {
    let [behind, _] = worlds();
    let said = "the header `Forwarded` cannot be read: `for=\\\"`";
    let line = logged(said, || {
        let head = "GET / HTTP/1.1\nhost: inner\nforwarded: for=\"\n";
        asked(&behind, head).expect_status(400).expect_render(&format!("{said}\n"));
    });
    assert!(line.contains("DEBUG"), "{line}");
}
