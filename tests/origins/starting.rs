//! A server that is set to what cannot be says so before it serves.

use crampon::prelude::*;
use crampon::reactor::Reactor;

/// What a server set up so says when it starts.
fn fault(set_up: impl FnOnce(Server) -> Server) -> String {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let server = set_up(Server::bind("127.0.0.1:0").expect("a port is free"));
    match server.attach(&mut reactor, Routes::new()) {
        Ok(_) => "nothing".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_no_origin_no_header_and_no_proxy_is_named_at_the_start() {
    let no_scheme = "the origin `app.example` has no scheme; write `https://..`";
    let page = ["https://app.example"];
    assert_eq!(fault(|server| server.origins(["app.example"])), no_scheme);
    assert_eq!(fault(|server| server.cors(Cors::new(["app.example"]))), no_scheme);
    assert_eq!(
        fault(|server| server.cors(Cors::new(page).headers("x-a x-b"))),
        "`x-a x-b` is no header's name; write `x-token, x-page`"
    );
    assert_eq!(
        fault(|server| server.cors(Cors::new(page).exposed("x-a\r\nset-cookie: b"))),
        "`x-a\\r\\nset-cookie: b` is no header's name; write `x-token, x-page`"
    );
    assert_eq!(
        fault(|server| server.cors(Cors::new(Origins::Any).credentials())),
        "every page of the web would read with its viewer's cookies; name the pages: \
         `Cors::new([\"https://app.example\"])`"
    );
    assert_eq!(
        fault(|server| server.trust_proxies(["localhost"])),
        "`localhost` is no proxy to trust; write an address, a network or `unix`: `127.0.0.1`, \
         `10.0.0.0/8`, `::1`"
    );
    let sound = |server: Server| {
        let cors = Cors::new(["https://*.app.example"]).headers("x-a, x-b").exposed("x-c");
        server.origins(Origins::Any).cors(cors).trust_proxies(["::1", "unix"])
    };
    assert_eq!(fault(sound), "nothing");
}
