//! Signals in a storm: calls of the system are interrupted, and nobody notices.

use std::process::Command;
use std::thread;

use crampon_tests::{Browser, Program, Socket};
use rustix::process::{Pid, Signal, kill_process};

/// Enough to be sure that many calls were interrupted.
const SIGNALS: usize = 5000;

#[test]
fn a_storm_of_signals_interrupts_calls_and_loses_nothing() {
    let server = Program::start_ours(&mut Command::new(env!("CARGO_BIN_EXE_subject")));
    let id = i32::try_from(server.id()).ok().and_then(Pid::from_raw).expect("it has an id");
    let address = server.address();
    let mut socket = Socket::open(Browser::connect(address), "/echo");
    let message = "m".repeat(200_000);
    let storm = thread::spawn(move || {
        for _ in 0..SIGNALS {
            kill_process(id, Signal::USR1).expect("it lives");
            // The one that is interrupted gets its turn too.
            thread::yield_now();
        }
    });
    let mut rounds = 0;
    while !storm.is_finished() || rounds == 0 {
        socket.say(&message);
        assert_eq!(socket.text(), message);
        let mut browser = Browser::connect(address);
        browser.get("/hello");
        assert_eq!(browser.answer().text(), "Hello World!");
        rounds += 1;
    }
    assert!(server.terminate().success());
}
