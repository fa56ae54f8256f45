//! The content type of a file, by the extension of its name.

use std::path::Path;

/// What a file of unknown extension is: bytes to save, never something to run or show.
const UNKNOWN: &str = "application/octet-stream";

/// The content type of a file of this name; text is announced as UTF-8.
pub(super) fn content_type(name: &Path) -> String {
    let guess = mime_guess::from_path(name).first_raw().unwrap_or(UNKNOWN);
    if is_text(guess) { format!("{guess}; charset=utf-8") } else { guess.to_owned() }
}

/// Whether a type is text, by its name or although its name does not say so.
fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/")
        || content_type.ends_with("+json")
        || content_type.ends_with("+xml")
        || matches!(content_type, "application/javascript" | "application/json" | "application/xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_the_content_type() {
        for (name, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("INDEX.HTML", "text/html; charset=utf-8"),
            ("site.css", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("app.mjs", "application/javascript; charset=utf-8"),
            ("data.json", "application/json; charset=utf-8"),
            ("site.webmanifest", "application/manifest+json; charset=utf-8"),
            ("logo.svg", "image/svg+xml; charset=utf-8"),
            ("notes.txt", "text/plain; charset=utf-8"),
            ("logo.png", "image/png"),
            ("module.wasm", "application/wasm"),
            ("font.woff2", "font/woff2"),
            ("clip.mp4", "video/mp4"),
            ("archive.tar.gz", "application/gzip"),
            ("LICENSE", "application/octet-stream"),
            ("strange.zzz", "application/octet-stream"),
        ] {
            assert_eq!(content_type(Path::new(name)), expected, "{name}");
        }
    }
}
