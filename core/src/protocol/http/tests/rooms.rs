//! Heads of any shape find room, and what one room has held before is in none of them.

use crate::protocol::http::head_room::HeadRoom;
use crate::protocol::http::{HeadLimits, RequestHeads};

const LIMITS: HeadLimits =
    HeadLimits { head_bytes_max: 80 * 1024, headers_max: 256, target_bytes_max: 70 * 1024 };

/// Lengths about a word, a chunk, the longest short part, and far beyond.
const LENGTHS: [usize; 14] = [1, 2, 7, 8, 9, 15, 16, 17, 254, 255, 256, 257, 511, 65_536];

fn head(target: usize, name: usize, value: usize, lines: usize, length: &str) -> String {
    let target = "t".repeat(target - 1);
    let line = format!("{}:{}\r\n", "n".repeat(name), "v".repeat(value)).repeat(lines);
    format!("BREW /{target} HTTP/1.1\r\n{length}Host:a\r\n{line}\r\n")
}

#[test]
fn heads_of_any_shape_find_room_and_nothing_else_is_in_it() {
    let mut heads =
        vec![head(1, 1, 0, 255, ""), head(1, 255, 0, 255, ""), head(1, 1, 255, 255, "")];
    for long in LENGTHS {
        for other in LENGTHS.into_iter().filter(|other| long + other < 70_000) {
            heads.push(head(long, other, 0, 1, ""));
            heads.push(head(other, 1, long, 1, "Content-Length: 7\r\n"));
            heads.push(head(1, long, other, 1, "Transfer-Encoding: chunked\r\n"));
        }
    }
    let mut room = HeadRoom::default();
    // Once more in reverse, so that each comes after a longer and after a shorter one.
    for head in heads.iter().chain(heads.iter().rev()) {
        let shown = &head[..head.len().min(80)];
        let (alone, bytes) = RequestHeads::new()
            .decode(head.as_bytes(), &LIMITS)
            .expect(shown)
            .unwrap_or_else(|| panic!("it is whole: {shown}"));
        assert_eq!(bytes, head.len());
        let lines = alone.headers().map(|(name, value)| name.len() + value.len() + 3);
        let front = "BREW  HTTP/1.1\r\n\r\n".len() + alone.target().len();
        let blanks = head.matches(": ").count();
        assert_eq!(front + lines.sum::<usize>() + blanks, bytes, "{shown}");
        for behind in ["", "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"] {
            let input = format!("{head}{behind}");
            let again = RequestHeads::new().decode_in(input.as_bytes(), &LIMITS, &mut room);
            let (again, _) = again.expect(shown).expect("it is whole");
            assert!(again == alone, "{shown}");
            room.reuse(again.into_block());
        }
    }
}
