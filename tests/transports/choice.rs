//! Which transport a request gets of those its action lists.

use crampon::prelude::*;
use crampon::trial::{Visit, World};

use crate::http10;

/// The same class under several headers: it says on which transport it was met.
macro_rules! listed {
    ($($name:ident: $($transport:ident)|+,)*) => { $(
        #[action(transport = $($transport)|+)]
        struct $name;

        #[callbacks]
        impl $name {
            #[on_start]
            fn tell(&mut self, cx: &mut Context<Self>) {
                cx.render(cx.transport().name());
                cx.finish();
            }
        }
    )* };
}
listed! {
    All: websocket | sse | long_polling,
    SocketOrPage: regular | websocket,
    EventsLast: websocket | long_polling | sse,
    EventsFirst: sse | regular,
    TwoPages: regular | chunked,
    OnlyEvents: sse,
    OnlyPolls: long_polling,
    OnlySockets: websocket,
}

fn world() -> World {
    World::new(
        Routes::new()
            .at("/all", || All)
            .at("/socket-or-page", || SocketOrPage)
            .at("/events-last", || EventsLast)
            .at("/events-first", || EventsFirst)
            .at("/two-pages", || TwoPages)
            .at("/only-events", || OnlyEvents)
            .at("/only-polls", || OnlyPolls)
            .at("/only-sockets", || OnlySockets),
    )
}

#[test]
fn an_upgrade_gets_a_socket_and_an_accept_events_and_the_rest_the_last_that_is_no_socket() {
    let world = world();
    for (path, by_socket, by_events, by_page) in [
        ("/all", "websocket", "sse", "long_polling"),
        ("/socket-or-page", "websocket", "regular", "regular"),
        ("/events-last", "websocket", "sse", "sse"),
        ("/events-first", "regular", "sse", "regular"),
        ("/two-pages", "chunked", "chunked", "chunked"),
        ("/only-events", "sse", "sse", "sse"),
        ("/only-polls", "long_polling", "long_polling", "long_polling"),
    ] {
        world.socket(path).expect_render(by_socket);
        world.events(path).expect_render(by_events);
        world.get(path).expect_render(by_page);
        world.visit(Visit::get(path).header("accept", "text/html")).expect_render(by_page);
    }
}

#[test]
fn an_accept_names_events_wherever_and_however_it_names_them() {
    let world = world();
    for (accepts, met) in [
        (&["text/event-stream"][..], "sse"),
        (&["Text/Event-Stream"], "sse"),
        (&["text/event-stream;charset=utf-8"], "sse"),
        (&["text/html, text/event-stream ; q=0.5, */*"], "sse"),
        (&["text/html", "text/event-stream"], "sse"),
        (&["*/*"], "long_polling"),
        (&["text/*"], "long_polling"),
        (&["text/event-streams"], "long_polling"),
        (&["application/text/event-stream"], "long_polling"),
        (&["text/html;note=text/event-stream"], "long_polling"),
        (&[""], "long_polling"),
    ] {
        let visit =
            accepts.iter().fold(Visit::get("/all"), |visit, accept| visit.header("accept", accept));
        world.visit(visit).expect_status(200).expect_render(met);
    }
}

#[test]
fn events_that_are_refused_by_name_are_not_sent() {
    let world = world();
    for quality in ["q=0", "Q=0.0", "q=0.000", "charset=utf-8; q=0"] {
        let accept = format!("text/event-stream; {quality}, */*");
        world.visit(Visit::get("/all").header("accept", &accept)).expect_render("long_polling");
    }
    for quality in ["q=0.001", "q=1"] {
        let accept = format!("text/event-stream; {quality}");
        world.visit(Visit::get("/all").header("accept", &accept)).expect_render("sse");
    }
}

/// A request for an upgrade with its own words for it.
fn upgrade(connection: &str, upgrade: &str) -> Visit {
    Visit::get("/all")
        .header("connection", connection)
        .header("upgrade", upgrade)
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
}

#[test]
fn an_upgrade_is_asked_for_by_two_headers_whatever_their_case() {
    let world = world();
    for (visit, met) in [
        (upgrade("Upgrade", "websocket"), "websocket"),
        (upgrade("UPGRADE", "WebSocket"), "websocket"),
        (upgrade("keep-alive, Upgrade", "h2c, websocket"), "websocket"),
        (upgrade("Upgrade", "websocket").header("accept", "text/event-stream"), "websocket"),
        (upgrade("keep-alive", "websocket"), "long_polling"),
        (upgrade("Upgrade", "h2c"), "long_polling"),
    ] {
        world.visit(visit).expect_render(met);
    }
}

/// Who asks for a socket and gets it wrong is told what, and is not given something else.
#[test]
fn a_malformed_upgrade_is_refused() {
    let world = world();
    let socket =
        || Visit::get("/all").header("connection", "upgrade").header("upgrade", "websocket");
    for (visit, status, says) in [
        (socket(), 400, "header `Sec-WebSocket-Version` is missing; send `13`\n"),
        (
            socket().header("sec-websocket-version", "8"),
            426,
            "websocket version `8` is not spoken here; `13` is\n",
        ),
        (
            socket().header("sec-websocket-version", "13"),
            400,
            "header `Sec-WebSocket-Key` is missing\n",
        ),
        (
            socket().header("sec-websocket-version", "13").header("sec-websocket-key", "key"),
            400,
            "websocket key `key` is not 16 bytes in base64\n",
        ),
    ] {
        world.visit(visit).expect_status(status).expect_render(says).expect_no_finish();
    }
}

#[test]
fn where_only_sockets_are_served_anything_else_must_upgrade() {
    let world = world();
    for visit in [Visit::get("/only-sockets"), Visit::events("/only-sockets")] {
        let mut refused = world.visit(visit);
        refused.expect_status(426).expect_header("upgrade", "websocket");
        refused.expect_header("connection", "upgrade");
        refused.expect_header("sec-websocket-version", "13");
        refused.expect_render("request asks for no websocket; expected `Upgrade: websocket`\n");
        refused.expect_end().again(Visit::socket("/only-sockets")).expect_render("websocket");
    }
}

/// RFC 9110, section 7.8.
#[test]
fn an_upgrade_in_http_1_0_is_not_heeded() {
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let world = world();
    http10(&world, "/all", upgrade).expect_status(200).expect_render("long_polling");
    let says = "HTTP/1.0 cannot be upgraded; a websocket needs HTTP/1.1\n";
    http10(&world, "/only-sockets", upgrade).expect_status(400).expect_render(says).expect_end();
}
