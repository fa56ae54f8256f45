//! Patterns that are paths: found by their lengths, which tell most apart, then by their letters.

/// Paths without parameters, and the resource of each.
#[derive(Default)]
pub(super) struct Paths {
    /// By length, and among those of a length by letters.
    sorted: Vec<(Box<[u8]>, usize)>,
    /// Where those of each length begin, up to one behind the longest.
    begins: Vec<usize>,
}

impl Paths {
    /// The paths of these resources; no two are the same.
    pub fn of(mut paths: Vec<(Box<[u8]>, usize)>) -> Self {
        paths.sort_unstable_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        let len_max = paths.last().map_or(0, |(path, _)| path.len());
        let begin = |len| paths.partition_point(|(path, _)| path.len() < len);
        Self { begins: (0..=len_max + 1).map(begin).collect(), sorted: paths }
    }

    /// The resource of a path.
    #[inline]
    pub fn find(&self, path: &[u8]) -> Option<usize> {
        let [begin, end] = *self.begins.get(path.len()..)?.first_chunk()?;
        match &self.sorted[begin..end] {
            [] => None,
            [(only, resource)] => (**only == *path).then_some(*resource),
            several => {
                let place = several.binary_search_by(|(known, _)| (**known).cmp(path)).ok()?;
                Some(several[place].1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_its_resource_and_others_have_none() {
        let known = ["/", "/a", "/b", "/d", "/long/a", "/long/b", "/the/longest/of/all"];
        let paths = known.iter().enumerate().map(|(at, path)| (path.as_bytes().into(), at));
        let paths = Paths::of(paths.rev().collect());
        for (at, path) in known.iter().enumerate() {
            assert_eq!(paths.find(path.as_bytes()), Some(at), "{path}");
        }
        for path in
            ["", "a", "/c", "/e", "/long", "/long/c", "/the/longest/of/all/", "/x/longest/of/all"]
        {
            assert_eq!(paths.find(path.as_bytes()), None, "{path}");
        }
        assert_eq!(Paths::default().find(b""), None);
        assert_eq!(Paths::of(vec![]).find(b"/"), None);
    }
}
