//! What a viewer sees: the page of `stream_congress` in a real browser, through a server's death.
//!
//! Needs Debian's `chromium` and `chromium-driver`; without them it fails and says so.
//! `SCREENSHOT=docs/stream_congress.png` keeps a picture of the page as the test left it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crampon_tests::{Browser, Chromium, Program, Request, example, free_port};
use serde_json::json;

/// The columns that must come back by themselves: Server-Sent Events and WebSocket.
const LIVE_COLUMNS: [&str; 2] = ["#sse", "#ws"];

#[test]
fn a_viewer_sees_items_arrive_and_is_back_after_the_server_died() {
    let congress = Congress::new();
    let server = congress.start();
    let chromium = Chromium::start();

    chromium.open(&format!("http://127.0.0.1:{}/", congress.port));
    chromium.run("window.openedOnce = true");
    for column in LIVE_COLUMNS {
        chromium.see(&is(column, "open"));
    }

    congress.post("The clerk calls the roll");
    for column in ["#sse", "#ws", "#poll"] {
        chromium.see(&shows(column, "The clerk calls the roll"));
    }

    server.kill();
    for column in LIVE_COLUMNS {
        chromium.see(&format!("!({})", is(column, "open")));
    }

    let server = congress.start();
    for column in LIVE_COLUMNS {
        chromium.see(&is(column, "open"));
        chromium.see(&format!(
            "Number(document.querySelector('{column} .reconnects').textContent.match(/\\d+/)) > 0"
        ));
    }

    congress.post("The House is back in session");
    for column in ["#sse", "#ws", "#poll"] {
        chromium.see(&shows(column, "The House is back in session"));
        let again = format!("return {}.length", items(column, "The clerk calls the roll"));
        assert_eq!(chromium.run(&again), json!(1), "{column} shows each item once");
    }
    assert_eq!(chromium.run("return window.openedOnce"), json!(true), "the page never reloaded");

    if let Some(path) = env::var_os("SCREENSHOT") {
        let picture = chromium.screenshot();
        fs::write(root().join(path), picture).expect("the screenshot can be written");
    }
    assert!(server.terminate().success(), "the example ends with 0 on SIGTERM");
}

/// The `stream_congress` example on a port and a feed that outlive its process.
struct Congress {
    port: u16,
    feed: PathBuf,
}

impl Congress {
    /// Builds the example, if it is not yet, and gives it a feed of its own.
    fn new() -> Self {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--workspace", "--example", "stream_congress"])
            .current_dir(root())
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the example builds");
        let feed = env::temp_dir().join(format!("crampon-browser-{}.jsonl", std::process::id()));
        fs::copy(root().join("examples/stream_congress/feed.jsonl"), &feed)
            .expect("the example ships a feed");
        Self { port: free_port(), feed }
    }

    fn start(&self) -> Program {
        let mut command = example("stream_congress");
        command.args(["--port", &self.port.to_string(), "--feed"]).arg(&self.feed);
        let server = Program::start_ours(&mut command);
        server.wait_for("http://127.0.0.1:");
        server
    }

    fn post(&self, text: &str) {
        let activity = json!({ "chamber": "house", "text": text }).to_string();
        let mut browser = Browser::connect(([127, 0, 0, 1], self.port).into());
        let answer = browser.ask(&Request::post("/activities", activity));
        assert!((200..300).contains(&answer.status()), "{}: {}", answer.status(), answer.text());
    }
}

impl Drop for Congress {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.feed);
    }
}

/// The workspace's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the workspace")
}

/// Claims that `column` says it is in `state`.
fn is(column: &str, state: &str) -> String {
    format!("document.querySelector('{column}').dataset.state === '{state}'")
}

/// Claims that `column` shows an item that reads `text`.
fn shows(column: &str, text: &str) -> String {
    format!("{}.length", items(column, text))
}

/// The items of `column` that read `text`.
fn items(column: &str, text: &str) -> String {
    format!(
        "[...document.querySelectorAll('{column} .item')]\
         .filter(item => item.textContent.includes('{text}'))"
    )
}
