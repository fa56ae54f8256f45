//! HTTP/1.1 to the letter: tables of exact bytes, what must come of them, and the section that says
//! so. Sections are of RFC 9112 unless another number stands before them.
//!
//! Each case is sent to the whole server in one piece, byte by byte and cut in two everywhere, and
//! over a real socket; what comes back is read by a strict reader of the tests' own. Where a case
//! is refused that the standard lets pass, its table says that we are stricter, and why.
//!
//! Among them are all cases of h1spec, the ways to hide a `Transfer-Encoding` that PortSwigger's
//! request smuggler knows, and what the HTTP Garden has found in other servers.

#[macro_use]
mod case;
mod house;
mod play;
mod response;

mod absolute_targets;
mod answers;
mod chunks;
mod content_lengths;
mod expectations;
mod header_lines;
mod hosts;
mod injection;
mod methods;
mod paths;
mod pipelines;
mod request_lines;
mod smuggling;
mod trailers;
mod transfer_encodings;
mod unfinished;
mod upgrades;
mod versions;

use std::collections::HashSet;

use case::Case;

#[test]
fn the_tables_are_long_and_no_case_stands_in_them_twice() {
    let tables = [
        absolute_targets::cases(),
        answers::cases(),
        chunks::cases(),
        content_lengths::cases(),
        expectations::cases(),
        header_lines::cases(),
        hosts::cases(),
        methods::cases(),
        paths::cases(),
        pipelines::cases(),
        request_lines::cases(),
        smuggling::cases(),
        trailers::cases(),
        transfer_encodings::cases(),
        unfinished::cases(),
        upgrades::cases(),
        versions::cases(),
    ];
    let cases: Vec<Case> = tables.into_iter().flatten().collect();
    assert!(cases.len() >= 590, "{} cases", cases.len());
    let names: HashSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len(), "a name is claimed twice");
    let requests: HashSet<_> = cases.iter().map(|case| &case.sent).collect();
    assert_eq!(requests.len(), cases.len(), "the same bytes are sent twice");
}
