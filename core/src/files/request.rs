//! What is asked of a folder: the fields of a request that matter to files, and no others.

/// A GET or HEAD for a file.
///
/// Header fields are the raw values; a field that came in several lines is joined with `, `.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRequest {
    /// The path behind the folder's prefix, percent-encoded, with no slash in front:
    /// `css/site.css` of `/assets/css/site.css`. Empty for the folder itself.
    pub path: String,
    /// The whole target as it was sent, prefix and query included: `/assets/css?v=2`.
    ///
    /// `path` is the tail of its path. Only a redirect repeats it.
    pub target: String,
    /// Whether only the head is wanted (HEAD); otherwise the body too (GET).
    pub is_head: bool,
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<String>,
    /// `Range`.
    pub range: Option<String>,
    /// `If-Range`.
    pub if_range: Option<String>,
}

impl FileRequest {
    /// Whether the target names a folder as folders are named: with a slash at the end.
    pub(super) fn is_slashed(&self) -> bool {
        self.split_target().0.ends_with('/')
    }

    /// The target's path, and its query if it has one.
    pub(super) fn split_target(&self) -> (&str, Option<&str>) {
        match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&self.target, None),
        }
    }
}
