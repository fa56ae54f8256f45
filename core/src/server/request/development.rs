//! The error page of development: what failed, where, and for which request.

use std::fmt::Write;

use crate::action::{Call, Request};

/// The page for a callback that failed before the head was sent.
pub(crate) fn error_page(call: Call, error: &str, request: &Request) -> String {
    let head = request.head();
    let mut rows = String::new();
    for (name, value) in head.headers() {
        row(&mut rows, name, &String::from_utf8_lossy(value));
    }
    let title = format!("{} in {}::{}", first_line(error), call.action, call.callback);
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 54rem;
  padding: 0 1rem }}
h1 {{ font-size: 1.1rem; color: #c2410c; margin: 0 }}
pre {{ font: 1.1rem/1.5 ui-monospace, monospace; white-space: pre-wrap; margin: .5rem 0 2rem }}
table {{ border-collapse: collapse; width: 100%; font-size: .9rem; margin-bottom: 2rem }}
td {{ border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; vertical-align: top;
  overflow-wrap: anywhere }}
td:first-child {{ opacity: .65; width: 12rem }}
code {{ font-family: ui-monospace, monospace }}
</style>
</head>
<body>
<h1>{action}::{callback} failed</h1>
<pre>{error}</pre>
<table>
<tr><td>source</td><td><code>{place}</code></td></tr>
<tr><td>request</td><td><code>{method} {target}</code></td></tr>
{rows}</table>
<p>This page is shown in development only. Set <code>CRAMPON_ENV</code> to anything else, and the
client gets a plain sentence.</p>
</body>
</html>
"#,
        title = escape(&title),
        action = escape(call.action),
        callback = escape(call.callback),
        error = escape(error),
        place = escape(&call.place.to_string()),
        method = escape(head.method().as_str()),
        target = escape(head.target()),
    )
}

fn row(rows: &mut String, name: &str, value: &str) {
    let (name, value) = (escape(name), escape(value));
    writeln!(rows, "<tr><td>{name}</td><td><code>{value}</code></td></tr>")
        .expect("a string takes all that is written to it");
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Text as HTML shows it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
