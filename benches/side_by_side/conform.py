#!/usr/bin/env python3
"""Holds every server of `servers.json` to the contract in README.md: `./conform.py [NAME ...]`.

A figure of a server that answers wrongly is worth nothing, so run it after a change to any of them.
It starts what `./setup` built, speaks HTTP and WebSocket by itself, and needs no package. Prints a
line for each server and path; fails if one is wrong.
"""

import base64
import hashlib
import json
import os
import resource
import shlex
import socket
import struct
import subprocess
import sys
import time
import zlib
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()

PATIENCE = 10.0  # seconds for anything to arrive
LATENESS = 0.25  # seconds that a tick may be off, with all else this machine does
DEPTH = 16  # requests or messages sent at once
SUBSCRIBERS = 3  # of each kind
PUBLISHES = 40  # more than the queue of any subscriber holds in an instant

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Wrong(Exception):
    """What a server did, and what it should have done."""


def expect(claim, seen, expected):
    if seen != expected:
        raise Wrong(f"{claim} is {seen!r:.80}, not {expected!r:.80}")


class Wire:
    """A connection, and what of it was received but not yet read."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            raise Wrong(f"nothing more came for {PATIENCE} s") from None
        if not data:
            raise Wrong("the connection was closed")
        self.unread += data

    def read(self, length):
        while len(self.unread) < length:
            self.receive()
        data, self.unread = self.unread[:length], self.unread[length:]
        return data

    def read_until(self, end):
        while end not in self.unread:
            self.receive()
        data, self.unread = self.unread.split(end, 1)
        return data

    def expect_end(self):
        try:
            rest = self.unread or self.socket.recv(1)
        except TimeoutError:
            raise Wrong("the connection stayed open") from None
        except ConnectionResetError:
            return
        if rest:
            raise Wrong(f"{rest[:40]!r} came after the end")

    # HTTP

    def request(self, method, path, *headers, body=b""):
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def head(self):
        status, *fields = self.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        pairs = (field.split(":", 1) for field in fields)
        return int(status.split()[1]), {name.lower(): value.strip() for name, value in pairs}

    def expect_answer(self, body):
        status, headers = self.head()
        expect("the status", status, 200)
        expect("the length", headers.get("content-length"), str(len(body)))
        kind = headers.get("content-type", "none").split(";")[0]
        expect("the type", kind, "text/plain")
        expect("the body", self.read(len(body)), body)

    # Server-sent events: chunked, or delimited by the end

    def open_events(self, path):
        self.send(self.request("GET", path, "Accept: text/event-stream"))
        status, headers = self.head()
        expect("the status", status, 200)
        kind = headers.get("content-type", "none").split(";")[0]
        expect("the type", kind, "text/event-stream")
        self.is_chunked = headers.get("transfer-encoding") == "chunked"
        self.stream = b""

    def event(self):
        """The payload of the next event; comments are passed over."""
        while True:
            while b"\n\n" not in self.stream:
                self.stream += self.part()
            event, self.stream = self.stream.split(b"\n\n", 1)
            lines = [line for line in event.split(b"\n") if not line.startswith(b":")]
            if lines:
                expect("the lines of an event", len(lines), 1)
                expect("the field of an event", lines[0][:6], b"data: ")
                return lines[0][6:]

    def part(self):
        if not self.is_chunked:
            return self.read(len(self.unread) or 1)
        # Some send the line end of a chunk with the next chunk.
        size = self.read_until(b"\r\n") or self.read_until(b"\r\n")
        return self.read(int(size, 16))

    # WebSocket

    def open_socket(self, path, offer=None):
        key = base64.b64encode(os.urandom(16)).decode()
        headers = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
        headers.append(f"Sec-WebSocket-Key: {key}")
        if offer:
            headers.append(f"Sec-WebSocket-Extensions: {offer}")
        self.send(self.request("GET", path, *headers))
        status, headers = self.head()
        expect("the status", status, 101)
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        accept = base64.b64encode(digest).decode()
        expect("the accept key", headers.get("sec-websocket-accept"), accept)
        self.is_deflated = bool(offer)
        extensions = headers.get("sec-websocket-extensions", "")
        if not offer:
            return expect("the extensions", extensions, "")
        name, *parameters = (word.strip() for word in extensions.split(";"))
        expect("the extension", name, "permessage-deflate")
        for parameter in ["server_no_context_takeover", "client_no_context_takeover"]:
            expect(f"`{extensions}` has {parameter}", parameter in parameters, True)
        for parameter in parameters:
            if "max_window_bits" in parameter:
                expect(f"`{parameter}` is of 15 bits", parameter.endswith("=15"), True)

    def frame(self, opcode, payload):
        first = 0x80 | opcode
        if self.is_deflated and opcode in (TEXT, BINARY):
            payload, first = deflate(payload), first | 0x40
        mask = os.urandom(4)
        if len(payload) < 126:
            head = struct.pack("!BB", first, 0x80 | len(payload))
        elif len(payload) < 65536:
            head = struct.pack("!BBH", first, 0x80 | 126, len(payload))
        else:
            head = struct.pack("!BBQ", first, 0x80 | 127, len(payload))
        repeated = mask * (len(payload) // 4 + 1)
        masked = bytes(byte ^ key for byte, key in zip(payload, repeated))
        return head + mask + masked

    def message(self):
        first, second = self.read(2)
        expect("the mask bit", second >> 7, 0)
        length = second
        if second == 126:
            (length,) = struct.unpack("!H", self.read(2))
        elif second == 127:
            (length,) = struct.unpack("!Q", self.read(8))
        payload = self.read(length)
        opcode = first & 0x0F
        is_data = opcode in (TEXT, BINARY)
        expect("the final bit", first >> 7, 1)
        is_compressed = self.is_deflated and is_data and length > 0
        expect("the compressed bit", first >> 6 & 1, int(is_compressed))
        expect("the other reserved bits", first >> 4 & 3, 0)
        return opcode, inflate(payload) if first & 0x40 else payload

    def expect_message(self, opcode, payload):
        expect("a message", self.message(), (opcode, payload))


def deflate(payload):
    deflater = zlib.compressobj(wbits=-15)
    return (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflate(payload):
    """Inflates a message by itself: no context is taken over."""
    return zlib.decompressobj(wbits=-15).decompress(payload + b"\0\0\xff\xff")


OFFERS = [
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; client_max_window_bits; client_no_context_takeover;"
    " server_no_context_takeover",
]


class Server:
    """A server of the list, on a port of its own."""

    def __init__(self, entry):
        self.name = entry["name"]
        self.paths = entry["paths"]
        self.start = entry["start"]
        self.lacks = entry.get("lacks", [])
        self.ws_port_offset = entry.get("ws_port_offset", 0)

    @contextmanager
    def running(self):
        self.port = free_port()
        start = self.start.replace("$CARGO_TARGET_DIR", str(TARGET)).replace("$HERE", str(HERE))
        words = [*shlex.split(start), str(self.port)]
        settings = dict(os.environ)
        while "=" in words[0].split("/")[0]:
            name, value = words.pop(0).split("=", 1)
            settings[name] = value
        process = subprocess.Popen(words, env=settings, cwd=HERE)
        try:
            for port in {self.port, self.port + self.ws_port_offset}:
                wait_for(port, process)
            yield
            expect("its exit", process.poll(), None)
        finally:
            process.kill()
            process.wait()

    def wire(self, opened):
        wire = opened.enter_context(closing(Wire(self.port)))
        return wire

    def socket(self, opened, path, offer=None):
        wire = opened.enter_context(closing(Wire(self.port + self.ws_port_offset)))
        wire.open_socket(path, offer)
        return wire

    def events(self, opened, path):
        wire = self.wire(opened)
        wire.open_events(path)
        return wire

    # The contract, a path at a time

    def hello(self):
        with ExitStack() as opened:
            wire = self.wire(opened)
            request = wire.request("GET", "/hello")
            for _ in range(3):
                wire.send(request)
                wire.expect_answer(b"Hello, World!")
            # Not within its first line: uWebSockets of this version answers that with 505.
            for part in [request[:-10], request[-10:-2], request[-2:]]:
                wire.send(part)
                time.sleep(0.02)
            wire.expect_answer(b"Hello, World!")
            if "pipelining" not in self.lacks:
                wire.send(request * DEPTH)
                for _ in range(DEPTH):
                    wire.expect_answer(b"Hello, World!")
            if "close" not in self.lacks:
                wire.send(wire.request("GET", "/hello", "Connection: close"))
                wire.expect_answer(b"Hello, World!")
                wire.expect_end()

    def length(self):
        with ExitStack() as opened:
            wire = self.wire(opened)
            for bytes_sent in [0, 1, 128, 16384, 128, 100_000]:
                request = wire.request("POST", "/length", body=b"x" * bytes_sent)
                wire.send(request)
                wire.expect_answer(str(bytes_sent).encode())
            wire.send(request[:-50_000])
            time.sleep(0.05)
            wire.send(request[-50_000:])
            wire.expect_answer(b"100000")

    def echo(self):
        with ExitStack() as opened:
            self.expect_echoes(self.socket(opened, "/echo"))

    def deflate(self):
        for offer in OFFERS:
            with ExitStack() as opened:
                self.expect_echoes(self.socket(opened, "/deflate", offer))

    def expect_echoes(self, wire):
        for length in [0, 1, 16, 125, 126, 1024, 16384, 65536]:
            for opcode in [TEXT, BINARY]:
                payload = (b"%d" % length * length)[:length]
                wire.send(wire.frame(opcode, payload))
                wire.expect_message(opcode, payload)
        many = [b"message %d of many" % number * 50 for number in range(DEPTH)]
        wire.send(b"".join(wire.frame(TEXT, payload) for payload in many))
        for payload in many:
            wire.expect_message(TEXT, payload)
        frame = wire.frame(TEXT, "cut, even in the middle of an ä".encode())
        for cut in range(0, len(frame), 9):
            wire.send(frame[cut : cut + 9])
            time.sleep(0.002)
        wire.expect_message(TEXT, "cut, even in the middle of an ä".encode())
        wire.send(wire.frame(PING, b"ping") + wire.frame(BINARY, b"\xff"))
        answers = sorted([wire.message(), wire.message()])
        expect("what a ping and a message get", answers, [(BINARY, b"\xff"), (PONG, b"ping")])
        wire.send(wire.frame(CLOSE, struct.pack("!H", 1000)))
        try:
            expect("the answer to a close", wire.message()[0], CLOSE)
        except Wrong as wrong:
            if "close" not in self.lacks:
                raise wrong

    def publish(self):
        """Whoever subscribed gets all that is published, in order; who has gone is forgotten."""
        payloads = [json.dumps({"number": number, "text": "ä" * 40}).encode()
                    for number in range(PUBLISHES)]
        with ExitStack() as opened:
            publisher = self.socket(opened, "/publish")
            leaving = ExitStack()
            heard = []
            for path in self.paths:
                for _ in range(SUBSCRIBERS):
                    if path == "/events":
                        heard.append(self.events(opened, path).event)
                        self.events(leaving, path)
                    elif path in ("/subscribe", "/subscribe-deflate"):
                        offer = OFFERS[0] if path == "/subscribe-deflate" else None
                        heard.append(self.socket(opened, path, offer).message)
                        self.socket(leaving, path, offer)
            time.sleep(0.1)  # so that who subscribes after its answer has done so
            publisher.send(b"".join(publisher.frame(TEXT, payload) for payload in payloads))
            self.expect_heard(heard, payloads)
            leaving.close()
            for payload in payloads[:DEPTH]:
                publisher.send(publisher.frame(TEXT, payload))
                self.expect_heard(heard, [payload])

    def expect_heard(self, heard, payloads):
        for payload in payloads:
            for next_of in heard:
                said = next_of()
                expect("what was heard", said, payload if type(said) is bytes else (TEXT, payload))

    def tick(self):
        with ExitStack() as opened:
            self.expect_ticks(lambda: self.socket(opened, "/tick").message,
                              lambda number: (TEXT, b"tick %d" % number))

    def ticks(self):
        with ExitStack() as opened:
            self.expect_ticks(lambda: self.events(opened, "/ticks").event,
                              lambda number: b"tick %d" % number)

    def expect_ticks(self, open_one, tick):
        """Each connection has a timer of its own, from its opening."""
        clocks = []
        for _ in range(2):
            clocks.append((open_one(), time.monotonic()))
            time.sleep(0.4)
        for number in [1, 2, 3]:
            for next_of, opening in clocks:
                expect("a tick", next_of(), tick(number))
                late = time.monotonic() - opening - number
                if abs(late) > LATENESS:
                    raise Wrong(f"tick {number} came {late:+.3f} s from its time")


def free_port():
    """A port that is free, as is the one after it."""
    while True:
        with closing(socket.socket()) as first, closing(socket.socket()) as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
                return port
            except (OSError, OverflowError):
                pass


def wait_for(port, process):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if process.poll() is not None:
                raise Wrong(f"it ended with {process.returncode}") from None
            if time.monotonic() > deadline:
                raise Wrong(f"it does not listen on {port}") from None
            time.sleep(0.01)


CHECKS = {
    "/hello": Server.hello,
    "/length": Server.length,
    "/echo": Server.echo,
    "/deflate": Server.deflate,
    "/publish": Server.publish,
    "/tick": Server.tick,
    "/ticks": Server.ticks,
}

# What the check of another path checks.
WITH_PUBLISH = {"/subscribe", "/subscribe-deflate", "/events"}


def examine(server):
    """Runs all checks of a server, and returns how many failed."""
    failed = 0
    for path in server.paths:
        if path in WITH_PUBLISH and "/publish" in server.paths:
            continue
        try:
            with server.running():
                CHECKS[path](server)
            print(f"{server.name:<20} {path:<20} ok", flush=True)
        except (Wrong, OSError, KeyError) as wrong:
            failed += 1
            print(f"{server.name:<20} {path:<20} WRONG: {wrong}", flush=True)
    return failed


def main(names):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    entries = json.loads((HERE / "servers.json").read_text())
    unknown = set(names) - {entry["name"] for entry in entries}
    if unknown:
        sys.exit(f"no such server: {', '.join(sorted(unknown))}")
    servers = [Server(entry) for entry in entries if not names or entry["name"] in names]
    failed = sum(examine(server) for server in servers)
    sys.exit(f"{failed} checks failed" if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
