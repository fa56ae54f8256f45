//! Requests with two ways to find their end, each with another request hidden where one of the
//! ways ends (section 11.2): none of them is answered.

use crate::case::{closed, code, kept, ok, post, refused};
use crate::play::play;

#[test]
fn a_message_with_two_ends_is_refused_and_what_it_hides_is_not_answered() {
    play(cases());
}

const HIDDEN: &str = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";

// Section 6.3 MAY let the coding win; whoever stands before us may have gone by the length.
cases! {
    "CL.TE: the chunks end early", "6.3":
        post("Content-Length: 44\r\nTransfer-Encoding: chunked\r\n", &format!("0\r\n\r\n{HIDDEN}"))
        => refused(400);
    "CL.TE: the length ends early", "6.3":
        post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", &format!("0\r\n\r\n{HIDDEN}"))
        => refused(400);
    "TE.CL: the chunks end late", "6.3":
        post(
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            &format!("26\r\n{HIDDEN}\r\n0\r\n\r\n"),
        ) => refused(400);
    "TE.CL: both end in one place", "6.3":
        post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n") => refused(400);
    "TE.CL: no body yet", "6.3":
        b"GET / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
        => refused(400);
    "TE.CL: a coding nobody knows", "6.3":
        post("Transfer-Encoding: cow\r\nContent-Length: 3\r\n", &format!("0\r\n{HIDDEN}"))
        => refused(400);
    "TE.CL: identity", "6.3":
        post("Transfer-Encoding: identity\r\nContent-Length: 0\r\n", HIDDEN) => refused(400);
    "TE.TE: one of them hidden in a comma", "6.3":
        post(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: ,\r\nContent-Length: 4\r\n",
            &format!("0\r\n\r\n{HIDDEN}"),
        ) => refused(400);
    "TE.TE: one of them unknown", "6.3":
        post(
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n",
            &format!("5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n{HIDDEN}"),
        ) => refused(400);
    "CL.CL: the second ends early", "6.3":
        post("Content-Length: 38\r\nContent-Length: 0\r\n", HIDDEN) => refused(400);
    "CL.CL: the first ends early", "6.3":
        post("Content-Length: 0\r\nContent-Length: 38\r\n", HIDDEN) => refused(400);
    "CL.CL: one with a blank before its colon", "5.1":
        post("Content-Length: 0\r\nContent-Length : 38\r\n", HIDDEN) => refused(400);
    "CL.CL: one behind a bare CR", "2.2":
        post("Content-Length: 38\rContent-Length: 0\r\n", HIDDEN) => refused(400);
    "CL.0: a body that looks like a request", "6.3":
        post("Content-Length: 38\r\n", HIDDEN) => kept([ok(HIDDEN)]);
    "CL.0: to who takes no body", "6.3":
        format!("POST /deaf HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([ok("deaf")]);
    "CL.0: to what is not there", "6.3":
        format!("POST /nowhere HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([code(404)]);
    "CL.0: by GET", "9110 9.3.1":
        format!("GET / HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([ok("page")]);
    "CL.0: by GET to a file", "9110 9.3.1":
        format!("GET /files/none HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([code(404)]);
    "CL.0: by HEAD", "9110 9.3.2":
        format!("HEAD / HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([crate::case::head(200)]);
    "CL.0: by OPTIONS", "9110 9.3.7":
        format!("OPTIONS / HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([code(405)]);
    "CL.0: by DELETE", "9110 9.3.5":
        format!("DELETE /deaf HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([ok("gone")]);
    "CL.0: refused before the body", "9110 15.5.2":
        format!("POST /guarded HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([code(401)]);
    "CL.0: behind an event stream", "6.3":
        format!("GET /events HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => closed([ok("data: once\n\n")]);
    "CL.0: behind a stream", "6.3":
        format!("GET /stream HTTP/1.1\r\nHost: test\r\nContent-Length: 38\r\n\r\n{HIDDEN}")
        => kept([ok("once, and again")]);
    "TE.0: a chunk that looks like a request", "6.3":
        format!(
            "OPTIONS / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
             26\r\n{HIDDEN}\r\n0\r\n\r\n"
        ) => kept([code(405)]);
    "TE.0: by GET", "6.3":
        format!(
            "GET / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
             26\r\n{HIDDEN}\r\n0\r\n\r\n"
        ) => kept([ok("page")]);
    "0.CL: the length of a body that another took for none", "6.3":
        format!("GET / HTTP/1.1\r\nHost: test\r\nContent-Length:\r\n\r\n{HIDDEN}") => refused(400);
    "a request hidden in a form", "6.3":
        format!(
            "POST /form HTTP/1.1\r\nHost: test\r\nContent-Length: 47\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\nname=a&x={HIDDEN}"
        ) => kept([ok("a")]);
    "a request hidden in the value of a header", "9110 5.5":
        "GET / HTTP/1.1\r\nHost: test\r\nX: a GET /smuggled HTTP/1.1\r\n\r\n" => kept([ok("page")]);
    "a request hidden behind a bare LF in the target", "3":
        "GET /\n\nGET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n" => refused(400);
    "a request hidden behind the empty line of bare LF", "2.2":
        format!("GET / HTTP/1.1\r\nHost: test\r\nX: a\n\n{HIDDEN}") => refused(400);
    "a request hidden behind a refused one", "9.3":
        format!("GET / HTTP/1.1\r\n\r\n{HIDDEN}") => refused(400);
    "a request hidden behind the last one", "9.6":
        format!("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n{HIDDEN}")
        => closed([ok("page")]);
    "HTTP/1.0 with chunks", "6.1":
        format!("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}")
        => refused(400);
    "HTTP/1.0 with chunks and a length", "6.1":
        format!(
            "POST /echo HTTP/1.0\r\nContent-Length: 43\r\nConnection: keep-alive\r\n\
             Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"
        ) => refused(400);
    "`Connection` that asks to drop the length", "9110 7.6.1":
        post("Connection: Content-Length\r\nContent-Length: 38\r\n", HIDDEN) => kept([ok(HIDDEN)]);
}
