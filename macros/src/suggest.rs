//! What somebody meant when they wrote something else: the nearest of the names we know.

/// Edits a name may be away from ours and still be taken for it.
///
/// Two: `on_strat` is two substitutions from `on_start`; at three, short names resemble each other.
const EDITS_MAX: usize = 2;

/// Finds the name nearest to `written`, if one is near enough and is not `written` itself.
///
/// A short name must keep at least half of its letters: `ms` is not a slip for `sse`.
pub fn nearest<'a>(written: &str, names: &[&'a str]) -> Option<&'a str> {
    names
        .iter()
        .map(|name| (edits(written, name), *name))
        .filter(|(edits, name)| (1..=EDITS_MAX.min(name.len() / 2)).contains(edits))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Ends a message about an unknown word: the one that was meant, or all there are.
///
/// ```text
/// ; did you mean `sse`?
/// ; write one of `ms`, `s`, `m`, `h`, `d`
/// ```
pub fn ending(written: &str, names: &[&str]) -> String {
    match (nearest(written, names), names) {
        (Some(name), _) => format!("; did you mean `{name}`?"),
        (None, [name]) => format!("; write `{name}`"),
        (None, names) => format!("; write one of `{}`", names.join("`, `")),
    }
}

/// Counts the insertions, deletions and substitutions between two words (Levenshtein).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (from, to, expected) in [
            ("", "", 0),
            ("", "sse", 3),
            ("sse", "sse", 0),
            ("ssee", "sse", 1),
            ("on_strat", "on_start", 2),
            ("websockets", "websocket", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(edits(from, to), expected, "{from} to {to}");
            assert_eq!(edits(to, from), expected, "{to} to {from}");
        }
    }

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let names = ["on_start", "on_data", "on_finish", "sse"];
        for (written, expected) in [
            ("on_strat", Some("on_start")),
            ("on_finnish", Some("on_finish")),
            ("ssee", Some("sse")),
            ("on_start", None),
            ("ms", None),
            ("inline", None),
            ("tcp", None),
        ] {
            assert_eq!(nearest(written, &names), expected, "{written}");
        }
    }

    #[test]
    fn a_message_ends_with_the_word_meant_or_with_all_of_them() {
        assert_eq!(ending("ssee", &["sse", "regular"]), "; did you mean `sse`?");
        assert_eq!(ending("tcp", &["sse", "regular"]), "; write one of `sse`, `regular`");
        assert_eq!(ending("tcp", &["stream"]), "; write `stream`");
    }
}
