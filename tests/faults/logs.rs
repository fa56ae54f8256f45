//! Logs that cannot be written: a full disk, a reader that has gone, no standard error at all.

use std::process::Command;

use crampon_tests::{Browser, Program};

/// Starts a server that logs every request, in a shell that does something to its standard error.
fn start(redirection: &str) -> Program {
    let mut command = Command::new("bash");
    command.env("RUST_LOG", "debug");
    let script = format!("exec \"$@\" {redirection}");
    Program::start_ours(command.args(["-c", &script, "bash", env!("CARGO_BIN_EXE_subject")]))
}

#[test]
#[cfg(target_os = "linux")]
fn a_log_that_cannot_be_written_costs_lines_and_nothing_else() {
    for redirection in ["2>/dev/full", "2> >(exit 0)", "2>&-"] {
        let server = start(redirection);
        let address = server.address();
        for _ in 0..20 {
            let mut browser = Browser::connect(address);
            browser.get("/hello");
            assert_eq!(browser.answer().text(), "Hello World!", "with {redirection}");
            browser.send("no request\r\n\r\n");
        }
        assert!(server.terminate().success(), "with {redirection}");
    }
}

/// The loop waited for ever for somebody to read what it had logged.
#[test]
#[cfg(target_os = "linux")]
fn a_log_that_nobody_reads_holds_nobody_up() {
    let mut command = Command::new("bash");
    command.env("RUST_LOG", "debug").env("RUST_BACKTRACE", "0");
    // A pipe of 64 KiB, whose other end is held by the server and read by nobody.
    let script = r#"fifo=$(mktemp -u) && mkfifo "$fifo" && exec 3<>"$fifo" && rm "$fifo" &&
                    exec "$@" 2>&3"#;
    command.args(["-c", script, "bash", env!("CARGO_BIN_EXE_subject")]);
    let server = Program::start_ours(&mut command);
    let mut browser = Browser::connect(server.address());
    for _ in 0..2_000 {
        browser.get("/panic");
        assert_eq!(browser.answer().status(), 500);
    }
    browser.get("/hello");
    assert_eq!(browser.answer().text(), "Hello World!");
    drop(browser);
    assert!(server.terminate().success());
}
