//! Out of file descriptors: nobody new is let in, who is inside is served, and the door opens again
//! when somebody leaves.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crampon::prelude::*;
use crampon_tests::Browser;

#[action(transport = regular)]
struct Page;

#[callbacks]
impl Page {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        cx.render("here you are");
        cx.finish();
    }
}

/// Has nothing to say, and takes half a second for it.
#[action(transport = long_polling, poll_timeout = "500ms")]
struct Wait;

#[callbacks]
impl Wait {}

/// Set in the process that is to be a server.
const SERVE: &str = "CRAMPON_TESTS_SERVE_WITH_FEW_DESCRIPTORS";

/// Not a test but the server of the test below, when it is started by it.
#[test]
fn a_server_if_told_to_be_one() {
    if std::env::var_os(SERVE).is_none() {
        return;
    }
    let server = Server::bind("127.0.0.1:0").expect("a port is free");
    eprintln!("listening on {}", server.local_addr().expect("it is bound"));
    server
        .serve(Routes::new().at("/", || Page).at("/wait", || Wait))
        .expect("the routes can be served");
    std::process::exit(0);
}

/// A server process that may open 64 files, and no more however it asks.
struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn start() -> Self {
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -S -n 40; ulimit -H -n 64; exec \"$@\"", "sh"])
            .arg(std::env::current_exe().expect("it runs"))
            .args(["--exact", "a_server_if_told_to_be_one", "--nocapture"])
            .env(SERVE, "yes")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut errors = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut line = String::new();
        errors.read_line(&mut line).expect("it speaks");
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}"));
        let address = address.parse().expect("it is an address");
        // The pipe is emptied for as long as the server speaks.
        std::thread::spawn(move || errors.lines().for_each(drop));
        Self { child, address }
    }

    /// The processor time it has used, in ticks of the system (proc_pid_stat(5)).
    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.expect("it lives");
        let fields = stat.rsplit_once(')').expect("the name is in parentheses").1;
        let times = fields.split_whitespace().skip(11).take(2);
        times.map(|ticks| ticks.parse::<u64>().expect("it is a number")).sum()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn is_served(browser: &mut Browser) -> bool {
    browser.get("/");
    browser.answer().text() == "here you are"
}

#[test]
#[cfg(target_os = "linux")]
fn accepting_rests_while_no_descriptor_is_left_and_goes_on_when_one_is() {
    let server = Process::start();
    // All connect, into the backlog; as many as there are descriptors for are let in.
    let mut browsers: Vec<Browser> = (0..100).map(|_| Browser::connect(server.address)).collect();
    for browser in &mut browsers {
        browser.get("/");
    }
    for browser in &mut browsers[..40] {
        assert_eq!(browser.answer().text(), "here you are", "more than the soft limit had allowed");
    }
    assert!(browsers[..40].iter_mut().all(is_served), "who is inside is served");
    let before = server.ticks();
    browsers[0].get("/wait");
    assert_eq!(browsers[0].answer().status(), 204);
    let busy = server.ticks() - before;
    assert!(busy < 20, "half a second with nobody let in took {busy} ticks of some fifty");

    // As these leave, those who wait are let in, in their turn.
    for mut browser in browsers.drain(..40) {
        assert!(is_served(&mut browser));
    }
    for browser in browsers.drain(..).take(40) {
        let mut browser = browser;
        assert_eq!(browser.answer().text(), "here you are");
    }
    assert!(is_served(&mut Browser::connect(server.address)));
}
