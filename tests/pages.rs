//! Pages of three origins in a real browser: our own, one that is allowed, and a foreign one; what
//! each may open, read and change.
//!
//! Needs Debian's `chromium` and `chromium-driver`; without them it fails and says so.

use std::cell::Cell;

use crampon::prelude::*;
use crampon_tests::{Chromium, Host, Request};
use serde_json::{Value, json};

/// A page, for scripts to run in, that logs its viewer in.
#[action(transport = regular)]
struct Page;

#[callbacks]
impl Page {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        cx.set_header("set-cookie", "session=ann; SameSite=Lax");
        cx.render("<!doctype html><title>a page</title>");
        cx.finish();
    }
}

/// Says who watches, and counts what is said.
#[action(transport = websocket | sse)]
struct Live {
    heard: Rc<Cell<u32>>,
}

#[callbacks]
impl Live {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render(format!("hello {}", cx.cookie("session").unwrap_or("nobody")));
    }

    #[on_data]
    fn heard(&mut self, _cx: &mut Context<Self>, _text: &str) {
        self.heard.set(self.heard.get() + 1);
    }
}

/// How often [`Live`] was spoken to.
#[action(transport = regular)]
struct Count {
    heard: Rc<Cell<u32>>,
}

#[callbacks]
impl Count {
    #[on_start]
    fn tell(&mut self, cx: &mut Context<Self>) {
        cx.render(self.heard.get().to_string());
        cx.finish();
    }
}

/// Lets in who has a token.
#[action(transport = regular)]
struct Door;

#[callbacks]
impl Door {
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        match cx.header("x-token") {
            Some("open") => Ok(()),
            _ => Err(Halt::new(401, "the token")),
        }
    }

    #[on_start]
    fn open(&mut self, cx: &mut Context<Self>) {
        cx.render("come in");
        cx.finish();
    }
}

/// A server of nothing but a page.
fn site() -> Host {
    Host::serve(|| Routes::new().get("/", || Page))
}

/// The server all of it is about: for its own pages and those of `friend`.
fn server(friend: &Host) -> Host {
    let friend = origin(friend);
    let set_up = move |server: Server| {
        let cors = Cors::new([friend.clone()]).credentials().headers("x-token");
        server.origins([friend]).cors(cors)
    };
    Host::serve_with(set_up, || {
        let heard = Rc::new(Cell::new(0));
        let (live, count) = (heard.clone(), heard);
        Routes::new()
            .get("/", || Page)
            .at("/live", move || Live { heard: live.clone() })
            .get("/count", move || Count { heard: count.clone() })
            .at("/door", || Door)
    })
}

fn origin(host: &Host) -> String {
    format!("http://{}", host.address())
}

/// What a page of `site` comes to, in its own words, where it tries everything at `server`.
fn tried(chromium: &Chromium, site: &Host, server: &Host) -> Value {
    chromium.open(&origin(site));
    chromium.run(&format!(
        "const at = '{}', credentials = 'include';
         const first = (source) => new Promise((told) => {{
             source.onmessage = (event) => {{ told(event.data); source.close(); }};
             source.onerror = () => {{ told('refused'); source.close(); }};
         }});
         const read = (path, options) => fetch(at + path, {{ credentials, ...options }})
             .then(async (answer) => `${{answer.status}} ${{await answer.text()}}`)
             .catch(() => 'unreadable');
         const token = (value) => ({{ headers: {{ 'x-token': value }} }});
         const post = {{ method: 'POST', body: 'word' }};
         return (async () => ({{
             socket: await first(new WebSocket(at.replace('http', 'ws') + '/live')),
             stream: await first(new EventSource(at + '/live', {{ withCredentials: true }})),
             post: await read('/live', post),
             blind: await read('/live', {{ ...post, mode: 'no-cors' }}),
             refusal: await read('/door'),
             door: await read('/door', token('open')),
             locked: await read('/door', token('wrong')),
             nothing: await read('/nowhere'),
         }}))();",
        origin(server)
    ))
}

#[test]
fn a_page_opens_reads_and_changes_what_is_for_its_origin_and_nothing_else() {
    let (friend, stranger) = (site(), site());
    let server = server(&friend);
    let chromium = Chromium::start();
    let count = || server.connect().ask(&Request::get("/count")).text().to_owned();

    let mut all = json!({
        "socket": "hello ann",
        "stream": "hello ann",
        "post": "204 ",
        "blind": "204 ",
        "refusal": "401 the token",
        "door": "200 come in",
        "locked": "401 the token",
        "nothing": "404 Not Found\n",
    });
    assert_eq!(tried(&chromium, &server, &server), all, "a page of our own");
    assert_eq!(count(), "2");

    // What a page asks for without a wish to read it, its browser keeps from it.
    all["blind"] = json!("0 ");
    assert_eq!(tried(&chromium, &friend, &server), all, "a page that is allowed");
    assert_eq!(count(), "4");

    let nothing = json!({
        "socket": "refused",
        "stream": "refused",
        "post": "unreadable",
        "blind": "0 ",
        "refusal": "unreadable",
        "door": "unreadable",
        "locked": "unreadable",
        "nothing": "unreadable",
    });
    assert_eq!(tried(&chromium, &stranger, &server), nothing, "a page of another site");
    assert_eq!(count(), "4", "what it posted blindly changed nothing");
}
