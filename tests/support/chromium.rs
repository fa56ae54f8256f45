//! A real browser: headless Chromium, driven through ChromeDriver.
//!
//! Source: the W3C WebDriver protocol, which is JSON over plain HTTP on loopback. Waiting is done
//! in the page, by a promise that watches the document, so no test polls and none sleeps.

use std::net::SocketAddr;
use std::ops::Deref;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crampon::protocol::http::Method;
use serde_json::{Value, json};

use crate::{Browser, Program, Request};

/// How long a page may take to show what it should.
///
/// 40 s: more than a browser's longest pause between two attempts to reconnect.
const SIGHT_TIMEOUT: Duration = Duration::from_secs(40);

/// How long ChromeDriver may take to answer.
///
/// 60 s: longer than any script a browser is given to wait in.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// Chromium without a window, a sandbox (containers have none to give) or calls to the network.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1280,900",
];

/// One browser; what it is told goes to its first tab.
pub struct Chromium {
    first: Tab,
    _driver: Program,
}

/// One tab of a browser.
pub struct Tab {
    session: Rc<Session>,
    handle: String,
}

/// What ChromeDriver calls a session: one browser that it drives, one tab of it at a time.
struct Session {
    driver: SocketAddr,
    /// Where its commands go; empty until it has begun.
    path: String,
}

impl Chromium {
    /// Starts ChromeDriver and, through it, Chromium.
    pub fn start() -> Self {
        let driver = Program::start(
            Command::new("chromedriver").arg("--port=0"),
            "chromium chromium-driver",
        );
        let ready = driver.wait_for("started successfully on port ");
        let digits =
            ready.trim_end_matches('.').rsplit(' ').next().expect("a line has a last word");
        let port: u16 = digits.parse().expect("ChromeDriver names its port last");
        let options = json!({ "args": FLAGS });
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let mut session = Session { driver: ([127, 0, 0, 1], port).into(), path: String::new() };
        let begun = session.tell(
            Method::POST,
            "/session",
            json!({ "capabilities": { "alwaysMatch": capabilities } }),
        );
        let id = begun["sessionId"].as_str().expect("a new session has an id");
        session.path = format!("/session/{id}");
        let patience = json!({ "script": SIGHT_TIMEOUT.as_millis() as u64 });
        session.tell(Method::POST, "/timeouts", patience);
        let handle = session.tell(Method::GET, "/window", Value::Null);
        Self { first: Tab::new(Rc::new(session), &handle), _driver: driver }
    }

    /// Opens a further tab, with nothing in it.
    pub fn new_tab(&self) -> Tab {
        let session = self.first.session.clone();
        let opened = session.tell(Method::POST, "/window/new", json!({ "type": "tab" }));
        Tab::new(session, &opened["handle"])
    }
}

impl Deref for Chromium {
    type Target = Tab;

    fn deref(&self) -> &Tab {
        &self.first
    }
}

impl Tab {
    fn new(session: Rc<Session>, handle: &Value) -> Self {
        let handle = handle.as_str().expect("a tab has a handle").to_owned();
        Self { session, handle }
    }

    /// Opens `url` and returns when it has loaded.
    pub fn open(&self, url: &str) {
        self.tell(Method::POST, "/url", json!({ "url": url }));
    }

    /// Runs the body of a function in the page; a promise it returns is awaited.
    pub fn run(&self, script: &str) -> Value {
        self.tell(Method::POST, "/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// Waits until `claim`, an expression, holds in the page; shows the page if it never does.
    pub fn see(&self, claim: &str) {
        let seen = self.attempt(
            Method::POST,
            "/execute/sync",
            json!({ "args": [], "script": format!(
                "return new Promise(resolve => {{
                    const holds = () => Boolean({claim});
                    if (holds()) return resolve(true);
                    const watcher = new MutationObserver(() => {{
                        if (holds()) {{ watcher.disconnect(); resolve(true); }}
                    }});
                    watcher.observe(document, {{
                        subtree: true, childList: true, attributes: true, characterData: true
                    }});
                }})"
            )}),
        );
        if let Err(reason) = seen {
            let page = self.run("return document.body.innerText");
            let page = page.as_str().unwrap_or_default();
            panic!("never seen: {claim}\n{reason}\nthe page reads:\n{page}");
        }
    }

    /// A picture of the tab when all has come to rest in it, as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        self.run(
            "return Promise.all(document.getAnimations().map(it => it.finished)).then(() => 0)",
        );
        let picture = self.tell(Method::GET, "/screenshot", Value::Null);
        let encoded = picture.as_str().expect("a screenshot is base64 text");
        STANDARD.decode(encoded).expect("a screenshot is base64 text")
    }

    /// Suspends the tab, as a browser does with one that was in the background for long.
    pub fn freeze(&self) {
        self.enter("frozen");
    }

    /// Has a frozen tab go on.
    pub fn thaw(&self) {
        self.enter("active");
    }

    fn enter(&self, state: &str) {
        let command = json!({ "cmd": "Page.setWebLifecycleState", "params": { "state": state } });
        self.tell(Method::POST, "/goog/cdp/execute", command);
    }

    /// Closes the tab, as its viewer would.
    pub fn close(self) {
        self.tell(Method::DELETE, "/window", Value::Null);
    }

    /// A command to this tab that has to succeed.
    fn tell(&self, method: Method, command: &str, body: Value) -> Value {
        self.turn_to();
        self.session.tell(method, command, body)
    }

    fn attempt(&self, method: Method, command: &str, body: Value) -> Result<Value, String> {
        self.turn_to();
        self.session.attempt(method, command, body)
    }

    /// Has the session's commands go to this tab.
    fn turn_to(&self) {
        self.session.tell(Method::POST, "/window", json!({ "handle": self.handle }));
    }
}

impl Session {
    /// A command that has to succeed.
    fn tell(&self, method: Method, command: &str, body: Value) -> Value {
        self.attempt(method, command, body).unwrap_or_else(|reason| panic!("{command}: {reason}"))
    }

    fn attempt(&self, method: Method, command: &str, body: Value) -> Result<Value, String> {
        let path = format!("{}{command}", self.path);
        let mut request = Request::new(method, &path).host(self.driver);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let mut connection = Browser::connect(self.driver);
        connection.wait_up_to(ANSWER_TIMEOUT);
        let answer = connection.ask(&request);
        let mut reply: Value = serde_json::from_str(answer.text()).map_err(|e| e.to_string())?;
        match answer.status() {
            200 => Ok(reply["value"].take()),
            status => Err(format!("{status} {}", reply["value"]["message"])),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Ends Chromium; ChromeDriver itself ends with its `Program`.
        if !self.path.is_empty() {
            let _ = self.attempt(Method::DELETE, "", Value::Null);
        }
    }
}
