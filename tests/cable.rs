//! A cable is pulled: network namespaces, virtual cables between them, and nobody says goodbye.
//!
//! Needs root and Debian's `iproute2`; without them it fails and says so.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use crampon::protocol::http::BodyLength;
use crampon_tests::{Browser, Program, Request};

/// How long a lost peer of the server under test may go unnoticed: its write timeout of 3 s, what
/// the system's timers take to look, and what a busy machine takes to say so.
const NOTICED_WITHIN: Duration = Duration::from_secs(15);

/// The server's end of the cable, and the test's.
const SERVER: &str = "198.18.77.1";
const CLIENT: &str = "198.18.77.2";

#[test]
fn a_peer_whose_cable_is_pulled_is_finished_on_every_transport() {
    let cable = Cable::lay();
    let server = cable.serve();
    let address = format!("{SERVER}:{PORT}").parse().expect("it is an address");
    // The first of them is there before the server serves, for it says that it listens before:
    // such a one was not asked after once, and never missed.
    let mut peers = Vec::new();
    for (request, head) in [
        (Request::get("/stay").header("accept", "text/event-stream"), true),
        (Request::upgrade("/stay", &[]), true),
        (Request::get("/stay/talking"), true),
        (Request::get("/stay"), false),
        (Request::post("/stay/upload", "").announcing(BodyLength::Length(8)), false),
    ] {
        let mut peer = Browser::connect(address);
        peer.send(request.bytes());
        if head {
            peer.head();
        }
        peers.push(peer);
    }
    // What was asked before this is served by the time that this is.
    let mut idle = Browser::connect(address);
    assert_eq!(idle.ask(&Request::get("/hello")).text(), "hello");
    assert_eq!(cable.established(), peers.len() + 1);

    cable.pull();
    let pulled = Instant::now();
    let mut ends: Vec<String> = peers.iter().map(|_| server.wait_for(" ends: ")).collect();
    ends.sort();
    assert_eq!(
        ends,
        [
            "GET chunked ends: timed out",
            "GET long_polling ends: timed out",
            "GET sse ends: timed out",
            "GET websocket ends: timed out",
            "POST regular ends: timed out",
        ]
    );
    while cable.established() > 0 {
        assert!(pulled.elapsed() < NOTICED_WITHIN, "the idle connection is still there");
    }
    assert!(pulled.elapsed() < NOTICED_WITHIN, "{:?}", pulled.elapsed());
    drop((peers, idle));
}

/// The port in a namespace where nobody else listens.
const PORT: u16 = 3000;

/// Two cables with a switch between them, from this network to a server's: who pulls the one leaves
/// the other end's light on, as the cable of a distant peer does.
struct Cable {
    server: String,
    switch: String,
    /// The name of the test's end.
    end: String,
}

impl Cable {
    fn lay() -> Self {
        let id = std::process::id();
        let cable = Self {
            server: format!("crampon-server-{id}"),
            switch: format!("crampon-switch-{id}"),
            end: format!("cr{id}"),
        };
        let Self { server, switch, end } = &cable;
        ip(&format!("netns add {server}"));
        ip(&format!("netns add {switch}"));
        ip(&format!("link add {end} type veth peer name near netns {switch}"));
        ip(&format!("-n {switch} link add far type veth peer name end netns {server}"));
        ip(&format!("-n {switch} link add switch type bridge"));
        for port in ["near", "far"] {
            ip(&format!("-n {switch} link set {port} master switch"));
            ip(&format!("-n {switch} link set {port} up"));
        }
        ip(&format!("-n {switch} link set switch up"));
        ip(&format!("address add {CLIENT}/30 dev {end}"));
        ip(&format!("link set {end} up"));
        ip(&format!("-n {server} address add {SERVER}/30 dev end"));
        ip(&format!("-n {server} link set end up"));
        cable
    }

    /// Starts a server at the far end.
    fn serve(&self) -> Program {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.server, env!("CARGO_BIN_EXE_counter")]);
        let address = SocketAddr::new(SERVER.parse().expect("it is an address"), PORT);
        command.args([&address.to_string(), "brief"]);
        let server = Program::start(&mut command, "iproute2");
        server.wait_for("listens on");
        server
    }

    /// Pulls the test's: what is sent from now on is lost.
    fn pull(&self) {
        ip(&format!("link set {} down", self.end));
    }

    /// How many connections the far end takes for open.
    fn established(&self) -> usize {
        let table = ip(&format!("netns exec {} cat /proc/net/tcp", self.server));
        // The fourth column is the state, in hexadecimal.
        table.lines().filter(|line| line.split_whitespace().nth(3) == Some("01")).count()
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // A namespace lives on for a while after it has lost its name, and so would the cables.
        for line in [
            format!("link delete {}", self.end),
            format!("-n {} link delete end", self.server),
            format!("netns delete {}", self.switch),
            format!("netns delete {}", self.server),
        ] {
            drop(Command::new("ip").args(line.split(' ')).output());
        }
    }
}

/// Does something to the network, and returns what that says.
fn ip(arguments: &str) -> String {
    let output = Command::new("ip").args(arguments.split(' ')).output();
    let output = output.expect("`ip` is there; on Debian: `apt-get install iproute2`");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`ip {arguments}` needs root: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
