//! The field lines of a head, judged and packed in one pass (RFC 9112, section 5).
//!
//! Takes what is whole and sound, and nothing else: what is wrong with the rest, the
//! [diagnosis](super::diagnosis) says. Knows which fields a message depends on, not how.

use smallvec::SmallVec;

use super::{
    ends::Ends,
    field_names::{self, Known},
    fields::pack_name,
    grammar::is_token_text,
    packing::Packing,
};

/// The fields that a message or its connection depends on, in order. Most have a host, and one more
/// or two.
pub(super) type Meant<'a> = SmallVec<[(Known, &'a [u8]); 4]>;

/// Reads the lines that the input begins with, and packs them; `meant` gets what the message
/// depends on. Returns what is left behind the empty line at their end, and where the packed ones
/// end; `None` if they are not whole, more than `max`, or malformed.
#[inline(always)]
pub(super) fn read_field_lines<'a>(
    input: &'a [u8],
    max: usize,
    mut packing: Packing<'_>,
    meant: &mut Meant<'a>,
) -> Option<(&'a [u8], usize)> {
    let mut rest = input;
    for _ in 0..max {
        if rest.starts_with(b"\r") {
            break;
        }
        let (name, after) = Ends::COLON.split(rest);
        let known = read_name(name, &mut packing)?;
        let value;
        (value, rest) = read_value(after.strip_prefix(b":")?, &mut packing)?;
        if let Some(known) = known.filter(|known| known.is_of_the_message()) {
            meant.push((known, value));
        }
    }
    Some((rest.strip_prefix(b"\r\n")?, packing.end()))
}

/// Packs a name, and tells which of the known ones it is; `None` if it is no name.
#[inline(always)]
fn read_name(name: &[u8], packing: &mut Packing<'_>) -> Option<Option<Known>> {
    if let Some(place) = field_names::place(name) {
        packing.push(place);
        return Some(Some(Known::at(place)));
    }
    let known = judge_name(name)?;
    pack_name(packing, name);
    Some(known)
}

/// Tells which of the known ones a name is that has no place as it is written; `None` if it is no
/// name.
#[inline(never)]
fn judge_name(name: &[u8]) -> Option<Option<Known>> {
    is_token_text(name).then(|| Known::find(name))
}

/// Packs the value that the input begins with, without the blanks around it. Returns it, and what
/// is left behind its line.
#[inline(always)]
fn read_value<'a>(input: &'a [u8], packing: &mut Packing<'_>) -> Option<(&'a [u8], &'a [u8])> {
    let mut start = input;
    while let [b' ' | b'\t', more @ ..] = start {
        start = more;
    }
    let begun = packing.begin();
    let mut rest = start;
    loop {
        rest = packing.copy_up_to(Ends::CONTROL, rest);
        let [b'\t', more @ ..] = rest else { break };
        packing.push(b'\t');
        rest = more;
    }
    let mut value = &start[..start.len() - rest.len()];
    while let [before @ .., b' ' | b'\t'] = value {
        value = before;
    }
    packing.finish(begun, value.len());
    Some((value, rest.strip_prefix(b"\r\n")?))
}

#[cfg(test)]
mod tests {
    use super::super::fields::Fields;
    use super::*;

    type Read = (usize, Vec<(String, Vec<u8>)>, Vec<Known>);

    fn read(input: &[u8], max: usize) -> Option<Read> {
        let mut room = vec![0; Packing::room_bytes(input.len())];
        let mut meant = Meant::new();
        let packing = Packing::new(&mut room, 0);
        let (rest, packed) = read_field_lines(input, max, packing, &mut meant)?;
        let fields = Fields::new(&room[..packed]).iter();
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
        Some((
            input.len() - rest.len(),
            fields,
            meant.into_iter().map(|(known, _)| known).collect(),
        ))
    }

    fn line(name: &str, value: &str) -> (String, Vec<u8>) {
        (name.to_owned(), value.as_bytes().to_vec())
    }

    #[test]
    fn lines_are_read_up_to_the_empty_one() {
        let long = "v".repeat(300);
        for (input, fields, meant) in [
            ("\r\n", vec![], vec![]),
            ("Host: a\r\n\r\n", vec![line("Host", "a")], vec![Known::HOST]),
            ("host:a\r\n\r\n", vec![line("host", "a")], vec![Known::HOST]),
            ("HOST: \t a b \t\r\n\r\n", vec![line("HOST", "a b")], vec![Known::HOST]),
            ("X-Own:\r\n\r\n", vec![line("X-Own", "")], vec![]),
            ("X-Own: \t \r\n\r\n", vec![line("X-Own", "")], vec![]),
            ("X: a\tb: c\t\td\r\n\r\n", vec![line("X", "a\tb: c\t\td")], vec![]),
            (
                "X: J\u{f6}rg\r\nDate: 1\r\n\r\n",
                vec![line("X", "J\u{f6}rg"), line("Date", "1")],
                vec![],
            ),
            (&format!("{long}:{long}\r\n\r\n"), vec![line(&long, &long)], vec![]),
            (
                "Connection: a\r\nExpect: b\r\nconnection: c\r\n\r\n",
                vec![line("Connection", "a"), line("Expect", "b"), line("connection", "c")],
                vec![Known::CONNECTION, Known::EXPECT, Known::CONNECTION],
            ),
        ] {
            assert_eq!(
                read(input.as_bytes(), 3),
                Some((input.len(), fields.clone(), meant.clone())),
                "{input:?}"
            );
            let more = format!("{input}Host: next\r\n\r\n");
            assert_eq!(read(more.as_bytes(), 3), Some((input.len(), fields, meant)), "{more:?}");
            for cut in 0..input.len() {
                assert_eq!(read(&input.as_bytes()[..cut], 3), None, "{input:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn what_is_malformed_or_too_much_is_not_taken() {
        for input in [
            "\n",
            "\r\r\n",
            " X: a\r\n\r\n",
            ": a\r\n\r\n",
            "X : a\r\n\r\n",
            "X\r\n: a\r\n\r\n",
            "X\u{e9}: a\r\n\r\n",
            "X: a\n\r\n",
            "X: a\r\r\n\r\n",
            "X: a\rb\r\n\r\n",
            "X: a\0\r\n\r\n",
            "X: a\x7f\r\n\r\n",
            "X: a\r\n b\r\n\r\n",
            "X: a\r\nX: b\r\nX: c\r\nX: d\r\n\r\n",
        ] {
            assert_eq!(read(input.as_bytes(), 3), None, "{input:?}");
        }
    }
}
