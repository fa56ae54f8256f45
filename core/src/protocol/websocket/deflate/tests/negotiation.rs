//! Offers and answers, as tables.

use super::super::super::handshake::{Extension, read_extensions};
use super::*;

const ANY: Terms = Terms { takes_over: true, window_bits_max: WindowBits::MAX };
const SHARED: Terms = Terms { takes_over: false, window_bits_max: WindowBits::MAX };

/// How a server with these terms answers a list of extensions; empty if it agrees to none.
fn answer(terms: &Terms, offered: &str) -> String {
    let extensions = read_extensions([offered.as_bytes()]).expect("the list is well-formed");
    let mut out = Vec::new();
    if let Some(agreement) = agree(&extensions, terms) {
        agreement.write(&mut out);
    }
    String::from_utf8(out).expect("answers are ASCII")
}

/// The offer with these parameters, and its answer without the name.
fn parameters(terms: &Terms, offered: &str) -> Option<String> {
    let answer = answer(terms, &format!("permessage-deflate{offered}"));
    answer.strip_prefix("permessage-deflate").map(str::to_owned)
}

#[test]
fn an_offer_is_answered_with_what_it_asks_for_and_no_more() {
    for (offered, dedicated, shared) in [
        ("", "", "; server_no_context_takeover; client_no_context_takeover"),
        (
            "; server_no_context_takeover",
            "; server_no_context_takeover",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; client_no_context_takeover",
            "; client_no_context_takeover",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; client_no_context_takeover; server_no_context_takeover",
            "; server_no_context_takeover; client_no_context_takeover",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; server_max_window_bits=9",
            "; server_max_window_bits=9",
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9",
        ),
        (
            "; server_max_window_bits=15",
            "; server_max_window_bits=15",
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15",
        ),
        (
            "; client_max_window_bits",
            "",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; client_max_window_bits=15",
            "",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; client_max_window_bits=9",
            "; client_max_window_bits=9",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; client_max_window_bits=\"10\"; server_max_window_bits=\"1\\2\"",
            "; server_max_window_bits=12; client_max_window_bits=10",
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12",
        ),
    ] {
        assert_eq!(parameters(&ANY, offered).as_deref(), Some(dedicated), "{offered}");
        assert_eq!(parameters(&SHARED, offered).as_deref(), Some(shared), "{offered}");
    }
}

#[test]
fn a_server_that_keeps_smaller_windows_says_so() {
    let terms = Terms { window_bits_max: WindowBits::new(11).expect("9 to 15"), ..ANY };
    for (offered, answered) in [
        ("", "; server_max_window_bits=11"),
        ("; server_max_window_bits=15", "; server_max_window_bits=11"),
        ("; server_max_window_bits=10", "; server_max_window_bits=10"),
        ("; client_max_window_bits", "; server_max_window_bits=11; client_max_window_bits=11"),
        ("; client_max_window_bits=15", "; server_max_window_bits=11; client_max_window_bits=11"),
        ("; client_max_window_bits=9", "; server_max_window_bits=11; client_max_window_bits=9"),
    ] {
        assert_eq!(parameters(&terms, offered).as_deref(), Some(answered), "{offered}");
    }
}

#[test]
fn an_offer_that_cannot_be_kept_to_is_declined() {
    for offered in [
        "; server_max_window_bits",
        "; server_max_window_bits=8",
        "; server_max_window_bits=7",
        "; server_max_window_bits=0",
        "; server_max_window_bits=16",
        "; server_max_window_bits=09",
        "; server_max_window_bits=015",
        "; server_max_window_bits=+9",
        "; server_max_window_bits=-9",
        "; server_max_window_bits=1e1",
        "; server_max_window_bits=0x9",
        "; server_max_window_bits=265",
        "; server_max_window_bits=99999999999999999999",
        "; server_max_window_bits=nine",
        "; client_max_window_bits=8",
        "; client_max_window_bits=16",
        "; client_max_window_bits=010",
        "; client_max_window_bits=true",
        "; server_no_context_takeover=1",
        "; server_no_context_takeover=true",
        "; client_no_context_takeover=0",
        "; server_no_context_takeover; server_no_context_takeover",
        "; client_no_context_takeover; client_no_context_takeover",
        "; server_max_window_bits=10; server_max_window_bits=10",
        "; client_max_window_bits; client_max_window_bits",
        "; client_max_window_bits; client_max_window_bits=10",
        "; Server_No_Context_Takeover",
        "; server_max_window_bit=10",
        "; mux",
        "; server_no_context_takeover; unknown=1",
    ] {
        assert_eq!(parameters(&ANY, offered), None, "{offered}");
        assert_eq!(parameters(&SHARED, offered), None, "{offered}");
    }
}

#[test]
fn the_first_offer_that_can_be_kept_to_is_taken() {
    for (offered, answered) in [
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", "permessage-deflate"),
        (
            "permessage-deflate; mux; server_max_window_bits=9, \
             permessage-deflate; server_max_window_bits=10, permessage-deflate",
            "permessage-deflate; server_max_window_bits=10",
        ),
        ("x-webkit-deflate-frame, permessage-deflate", "permessage-deflate"),
        ("x-webkit-deflate-frame", ""),
        ("permessage-bzip2; level=9", ""),
        ("Permessage-Deflate", ""),
        ("permessage-deflate-2", ""),
    ] {
        assert_eq!(answer(&ANY, offered), answered, "{offered}");
    }
}

fn bits(bits: u8) -> Option<WindowBits> {
    WindowBits::new(bits)
}

fn read(offer: &Offer, answer: &str) -> Result<Agreement, String> {
    let list = format!("permessage-deflate{answer}");
    let extensions: Vec<Extension<'_>> =
        read_extensions([list.as_bytes()]).expect("the list is well-formed");
    Agreement::read(&extensions[0], offer).map_err(|fault| fault.to_string())
}

#[test]
fn a_client_keeps_to_what_it_is_answered() {
    let none = Offer::default();
    let all = Offer {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: bits(12),
        client_max_window_bits: bits(11),
    };
    let can_be_asked = Offer { client_max_window_bits: bits(15), ..none };
    for (offer, answer, server, client) in [
        (none, "", (true, 15), (true, 15)),
        (none, "; server_no_context_takeover", (false, 15), (true, 15)),
        (none, "; client_no_context_takeover", (true, 15), (false, 15)),
        (none, "; server_max_window_bits=10", (true, 10), (true, 15)),
        (none, "; server_max_window_bits=8", (true, 9), (true, 15)),
        (can_be_asked, "", (true, 15), (true, 15)),
        (can_be_asked, "; client_max_window_bits=9", (true, 15), (true, 9)),
        (can_be_asked, "; client_max_window_bits=15", (true, 15), (true, 15)),
        (all, "; server_no_context_takeover; server_max_window_bits=12", (false, 12), (true, 11)),
        (
            all,
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; \
             client_max_window_bits=10",
            (false, 9),
            (false, 10),
        ),
    ] {
        let agreement = read(&offer, answer).expect(answer);
        let direction = |role| {
            let Direction { takes_over, window_bits } = agreement.sent_by(role);
            (takes_over, window_bits.get())
        };
        assert_eq!(direction(Role::Server), server, "{answer}");
        assert_eq!(direction(Role::Client), client, "{answer}");
    }
}

#[test]
fn a_client_fails_on_what_is_no_answer_to_its_offer() {
    let none = Offer::default();
    let anew = Offer { server_no_context_takeover: true, ..none };
    let narrow = Offer { server_max_window_bits: bits(12), ..none };
    let can_be_asked = Offer { client_max_window_bits: bits(12), ..none };
    for (offer, answer, message) in [
        (none, "; mux", "extension parameter `mux` means nothing to permessage-deflate"),
        (
            none,
            "; client_no_context_takeover; client_no_context_takeover",
            "extension parameter `client_no_context_takeover` is said twice",
        ),
        (
            none,
            "; client_no_context_takeover=1",
            "extension parameter `client_no_context_takeover` has the value `1`; it takes none",
        ),
        (
            none,
            "; server_max_window_bits",
            "extension parameter `server_max_window_bits` has no value; it takes a number of bits, \
             9 to 15",
        ),
        (
            none,
            "; server_max_window_bits=16",
            "extension parameter `server_max_window_bits` is `16`; it takes a number of bits, 9 to \
             15",
        ),
        (
            none,
            "; client_max_window_bits=10",
            "server accepts with `client_max_window_bits`, which was not offered",
        ),
        (
            can_be_asked,
            "; client_max_window_bits",
            "extension parameter `client_max_window_bits` has no value; it takes a number of bits, \
             9 to 15",
        ),
        (
            can_be_asked,
            "; client_max_window_bits=13",
            "server accepts with `client_max_window_bits=13`; at most 12 was offered",
        ),
        (
            can_be_asked,
            "; client_max_window_bits=8",
            "extension parameter `client_max_window_bits` is `8`; it takes a number of bits, 9 to \
             15",
        ),
        (anew, "", "server accepts without `server_no_context_takeover`, which was asked for"),
        (narrow, "", "server accepts without `server_max_window_bits`, which was asked for"),
        (
            narrow,
            "; server_max_window_bits=13",
            "server accepts with `server_max_window_bits=13`; at most 12 was offered",
        ),
    ] {
        assert_eq!(read(&offer, answer), Err(message.to_owned()), "{answer}");
    }
}

#[test]
fn an_offer_is_written_as_servers_read_it() {
    let all = Offer {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: bits(15),
        client_max_window_bits: bits(9),
    };
    let browsers = Offer { client_max_window_bits: bits(15), ..Offer::default() };
    for (offer, written) in [
        (Offer::default(), "permessage-deflate"),
        (browsers, "permessage-deflate; client_max_window_bits"),
        (
            all,
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=15; client_max_window_bits=9",
        ),
    ] {
        let mut out = Vec::new();
        offer.write(&mut out);
        assert_eq!(String::from_utf8_lossy(&out), written);
        let extensions = read_extensions([&out[..]]).expect("it is well-formed");
        assert_eq!(Offer::read(&extensions[0]), Ok(offer), "{written}");
    }
}
