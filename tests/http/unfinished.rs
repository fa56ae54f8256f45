//! Requests that stop somewhere: nothing is answered before the rest is there.

use crate::case::waits;
use crate::play::play;

#[test]
fn the_beginning_of_a_request_is_waited_for() {
    play(cases());
}

cases! {
    "a letter", "2.2": b"G" => waits([]);
    "a method and its space", "3": b"GET " => waits([]);
    "a method and a target", "3": b"GET /hello" => waits([]);
    "a method, a target and its space", "3": b"GET /hello " => waits([]);
    "half a version", "2.3": b"GET /hello HTTP" => waits([]);
    "a line without its end", "3": b"GET /hello HTTP/1.1" => waits([]);
    "a line and its CR", "3": b"GET /hello HTTP/1.1\r" => waits([]);
    "a line and its CR LF", "3": b"GET /hello HTTP/1.1\r\n" => waits([]);
    "half a name", "5": b"GET /hello HTTP/1.1\r\nHos" => waits([]);
    "a name and its colon", "5": b"GET /hello HTTP/1.1\r\nHost:" => waits([]);
    "a name, its colon and a blank", "5": b"GET /hello HTTP/1.1\r\nHost: " => waits([]);
    "half a value", "5": b"GET /hello HTTP/1.1\r\nHost: localhost" => waits([]);
    "a value and its CR", "5": b"GET /hello HTTP/1.1\r\nHost: localhost\r" => waits([]);
    "a header and its CR LF", "5": b"GET /hello HTTP/1.1\r\nHost: localhost\r\n" => waits([]);
    "all but the last LF", "2.1": b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r" => waits([]);
    "an empty line", "2.2": b"\r\n" => waits([]);
    "half an empty line", "2.2": b"\r" => waits([]);
    "half a size of a chunk", "7.1":
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5" => waits([]);
    "half an extension of a chunk", "7.1":
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a" => waits([]);
    "half a chunk", "7.1":
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"
        => waits([]);
    "half a trailer", "7.1.2":
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1"
        => waits([]);
    "half a form", "6.3":
        b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
        Content-Length: 8\r\n\r\nname" => waits([]);
}
