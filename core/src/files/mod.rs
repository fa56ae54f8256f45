//! A folder of static files, answered with validators and ranges (RFC 9110, sections 8.8, 13, 14).
//!
//! [`Folder::find`] decides the whole answer; [`FileBody::read`] yields its body part by part. Both
//! block on the disk, so they belong on a worker thread, and all they pass around is `Send`. They
//! know no socket, no route and no action.
//!
//! Finding opens first and judges what was opened: the file must be a regular one whose real path,
//! links followed, lies inside the folder. Whatever fails that does not exist, as far as a client
//! can tell.

mod answer;
mod body;
mod content_type;
mod folder;
mod path;
mod range;
mod request;
mod serve;
#[cfg(test)]
mod tests;
mod validators;

pub(crate) use serve::folder_target;
pub(crate) use validators::lists_tag;

use answer::FileAnswer;
use body::{FileBody, PART_BYTES_MAX};
use folder::Folder;
pub use folder::FolderError;
use request::FileRequest;
