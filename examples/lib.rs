//! What every example does the same: it reads its command line, and finds its page.
//!
//! An example listens on `127.0.0.1:3000` unless told another port, and behaves as in development
//! unless `CRAMPON_ENV` says otherwise: the page that reports an error shows its cause.

use std::env;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

/// The address to listen on: `127.0.0.1` and the port of `--port`, 3000 without one.
pub fn address() -> String {
    format!("127.0.0.1:{}", port(3000))
}

/// The port of `--port N`, or `default`.
pub fn port(default: u16) -> u16 {
    let Some(text) = option("--port") else { return default };
    let complaint = || give_up(&format!("`--port` is `{text}`; it takes a number up to 65535"));
    text.parse().unwrap_or_else(|_| complaint())
}

/// The duration of an option such as `--every 15s` or `--every 200ms`, or `default`.
pub fn duration(name: &str, default: Duration) -> Duration {
    let Some(text) = option(name) else { return default };
    let complaint = || give_up(&format!("`{name}` is `{text}`; it takes `15s` or `200ms`"));
    parse_duration(&text).unwrap_or_else(complaint)
}

/// What follows the option `name` on the command line, if it is there.
pub fn option(name: &str) -> Option<String> {
    find(name, env::args().skip(1)).unwrap_or_else(|complaint| give_up(&complaint))
}

/// Whether to behave as in development: yes, unless `CRAMPON_ENV` names something else.
pub fn is_development() -> bool {
    env::var_os("CRAMPON_ENV").is_none_or(|name| name == "development")
}

/// The folder of an example's page: open it, change a line, reload.
pub fn public(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("public").join(example)
}

fn find(name: &str, mut args: impl Iterator<Item = String>) -> Result<Option<String>, String> {
    while let Some(arg) = args.next() {
        if arg == name {
            let value = args.next().ok_or_else(|| format!("`{name}` needs a value behind it"))?;
            return Ok(Some(value));
        }
        if let Some(value) = arg.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return Ok(Some(value.to_owned()));
        }
    }
    Ok(None)
}

/// Reads a whole number of seconds (`s`) or milliseconds (`ms`); zero is no interval.
fn parse_duration(text: &str) -> Option<Duration> {
    let duration = match text.strip_suffix("ms") {
        Some(number) => Duration::from_millis(number.parse().ok()?),
        None => Duration::from_secs(text.strip_suffix('s')?.parse().ok()?),
    };
    (!duration.is_zero()).then_some(duration)
}

fn give_up(complaint: &str) -> ! {
    eprintln!("{complaint}");
    process::exit(USAGE)
}

/// The exit status of a command that was called wrongly.
const USAGE: i32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_followed_by_its_value() {
        for (line, found) in [
            ("--port 4000", Ok(Some("4000".to_owned()))),
            ("--port=4000", Ok(Some("4000".to_owned()))),
            ("--feed a.jsonl --port 1", Ok(Some("1".to_owned()))),
            ("--ports 4000", Ok(None)),
            ("", Ok(None)),
            ("--port", Err("`--port` needs a value behind it".to_owned())),
        ] {
            let args = line.split_whitespace().map(str::to_owned);
            assert_eq!(find("--port", args), found, "{line:?}");
        }
    }

    #[test]
    fn durations_have_a_unit_and_are_not_zero() {
        for (text, duration) in [
            ("15s", Some(Duration::from_secs(15))),
            ("200ms", Some(Duration::from_millis(200))),
            ("15", None),
            ("0s", None),
            ("-1s", None),
            ("soon", None),
        ] {
            assert_eq!(parse_duration(text), duration, "{text:?}");
        }
    }
}
