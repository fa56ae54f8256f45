//! Out of file descriptors: nobody new is let in, who is inside is served, and the door opens again
//! when somebody leaves, or has been silent for too long.

use std::process::Command;
use std::time::{Duration, Instant};

use crampon_tests::{Browser, Program};
use rustix::process::Signal;

/// What `/hello` says.
const HELLO: &str = "Hello World!";

/// Starts a server that may open 64 files, and no more however it asks.
fn start(arguments: &[&str]) -> Program {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -n 40; ulimit -H -n 64; exec \"$@\"", "sh"]);
    Program::start_ours(command.arg(env!("CARGO_BIN_EXE_subject")).args(arguments))
}

/// Has who is silent stay, though others wait.
const PATIENT: [&str; 2] = ["127.0.0.1:0", "patient"];

/// The processor time a program has used, in ticks of the system (proc_pid_stat(5)).
fn ticks(program: &Program) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", program.id()));
    let stat = stat.expect("it lives");
    let fields = stat.rsplit_once(')').expect("the name is in parentheses").1;
    let times = fields.split_whitespace().skip(11).take(2);
    times.map(|ticks| ticks.parse::<u64>().expect("it is a number")).sum()
}

fn is_served(browser: &mut Browser) -> bool {
    browser.get("/hello");
    browser.answer().text() == HELLO
}

#[test]
#[cfg(target_os = "linux")]
fn accepting_rests_while_no_descriptor_is_left_and_goes_on_when_one_is() {
    let server = start(&PATIENT);
    let address = server.address();
    // All connect, into the backlog; as many as there are descriptors for are let in.
    let mut browsers: Vec<Browser> = (0..100).map(|_| Browser::connect(address)).collect();
    for browser in &mut browsers {
        browser.get("/hello");
    }
    for browser in &mut browsers[..40] {
        assert_eq!(browser.answer().text(), HELLO, "more than the soft limit had allowed");
    }
    assert!(browsers[..40].iter_mut().all(is_served), "who is inside is served");
    let before = ticks(&server);
    browsers[0].get("/wait");
    assert_eq!(browsers[0].answer().status(), 204);
    let busy = ticks(&server) - before;
    assert!(busy < 20, "half a second with nobody let in took {busy} ticks of some fifty");

    // As these leave, those who wait are let in, in their turn.
    for mut browser in browsers.drain(..40) {
        assert!(is_served(&mut browser));
    }
    for browser in browsers.drain(..).take(40) {
        let mut browser = browser;
        assert_eq!(browser.answer().text(), HELLO);
    }
    assert!(is_served(&mut Browser::connect(address)));
}

#[test]
fn a_door_that_stays_shut_is_tried_in_one_rhythm_however_many_come_and_go() {
    const COME_AND_GO: usize = 300;

    let server = start(&PATIENT);
    let address = server.address();
    let mut browsers: Vec<Browser> = (0..100).map(|_| Browser::connect(address)).collect();
    assert!(is_served(&mut browsers[0]));
    for _ in 0..COME_AND_GO {
        drop(browsers.remove(0));
        browsers.push(Browser::connect(address));
        assert!(is_served(&mut browsers[0]), "who is inside is served");
    }
    drop(browsers);
    server.signal(Signal::TERM);
    let (_, said) = server.end();
    let warnings = said.matches("no more connections").count();
    assert!((1..COME_AND_GO / 3).contains(&warnings), "{warnings} warnings");
}

/// They kept all places until their ten seconds for a request were over.
#[test]
fn those_who_connect_and_say_nothing_give_way_to_who_asks() {
    let server = start(&[]);
    let address = server.address();
    let began = Instant::now();
    let mut silent: Vec<Browser> = (0..200).map(|_| Browser::connect(address)).collect();
    assert!(is_served(&mut Browser::connect(address)));
    assert!(began.elapsed() < Duration::from_secs(8), "it took {:?}", began.elapsed());
    silent[0].expect_end();
    drop(silent);
    server.signal(Signal::TERM);
    let (_, said) = server.end();
    assert!(said.contains("reason=\"gave_way\""), "{said}");
}
