//! The browser's side: one ES module without dependencies and its types, kept in the library.
//!
//! It is a comfort: an `EventSource` or a `WebSocket` alone works with every action. The module
//! knows of the server what `crampon.d.ts` and the wires say, and the server of it nothing.

mod asset;
#[cfg(test)]
mod tests;

pub(crate) use asset::Asset;

use std::rc::Rc;

/// The module, without what only its readers need.
pub(crate) fn module() -> Rc<Asset> {
    Asset::new("text/javascript; charset=utf-8", stripped(include_str!("crampon.js")))
}

/// The module's types for TypeScript, with the words that explain them.
pub(crate) fn types() -> Rc<Asset> {
    // No type is registered for TypeScript, and guessing by the name yields a video.
    Asset::new("text/plain; charset=utf-8", include_str!("crampon.d.ts").to_owned())
}

/// Where the types of a module at `path` stand: beside it, as TypeScript looks for them.
pub(crate) fn types_path(path: &str) -> String {
    format!("{}.d.ts", path.strip_suffix(".js").unwrap_or(path))
}

/// Leaves out indentation, empty lines, and lines that are a comment and nothing else.
///
/// That changes no meaning in a source whose texts and comments end with their line.
fn stripped(source: &str) -> String {
    let lines = source.lines().map(str::trim);
    let kept = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    kept.flat_map(|line| [line, "\n"]).collect()
}
