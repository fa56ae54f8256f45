// The contract of `benches/side_by_side/` on Node's http module and ws: `node server.js PORT`.
//
// bufferutil, which ws finds by itself, masks natively, as ws advises for speed.
"use strict";

const http = require("node:http");
const { WebSocketServer } = require("ws");

const port = Number(process.argv[2]);
if (!port) {
  console.error("usage: node server.js PORT");
  process.exit(2);
}

const second = 1000; // ms
const backlog = 4096; // connections that may wait to be accepted

const sockets = new Set(); // subscribers, compressed or not
const streams = new Set(); // responses that are event streams

function publish(payload) {
  for (const socket of sockets) socket.send(payload, { binary: false });
  if (streams.size === 0) return;
  const event = Buffer.from(`data: ${payload}\n\n`);
  for (const response of streams) response.write(event);
}

// What answers requests.

function answer(response, body) {
  response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": body.length });
  response.end(body);
}

function beginEvents(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.flushHeaders();
}

const requests = {
  "GET /hello": (_, response) => answer(response, "Hello, World!"),
  "POST /length": (request, response) => {
    let length = 0;
    request.on("data", (part) => (length += part.length));
    request.on("end", () => answer(response, String(length)));
  },
  "GET /events": (_, response) => {
    beginEvents(response);
    streams.add(response);
    response.on("close", () => streams.delete(response));
  },
  "GET /ticks": (_, response) => {
    beginEvents(response);
    let fired = 0;
    const timer = setInterval(() => response.write(`data: tick ${++fired}\n\n`), second);
    response.on("close", () => clearInterval(timer));
  },
};

// What handles sockets.

function echo(socket) {
  socket.on("message", (data, binary) => socket.send(data, { binary }));
}

function subscribe(socket) {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
}

function tick(socket) {
  let fired = 0;
  const timer = setInterval(() => socket.send(`tick ${++fired}`), second);
  socket.on("close", () => clearInterval(timer));
}

const settings = { noServer: true, clientTracking: false };
const plain = new WebSocketServer(settings);
const deflated = new WebSocketServer({
  ...settings,
  perMessageDeflate: {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    threshold: 0, // every message, however short
  },
});

const upgrades = {
  "/echo": [plain, echo],
  "/deflate": [deflated, echo],
  "/subscribe": [plain, subscribe],
  "/subscribe-deflate": [deflated, subscribe],
  "/publish": [plain, (socket) => socket.on("message", publish)],
  "/tick": [plain, tick],
};

const server = http.createServer((request, response) => {
  const handle = requests[`${request.method} ${request.url}`];
  if (handle) handle(request, response);
  else response.writeHead(404).end();
});

server.on("upgrade", (request, stream, head) => {
  const upgrade = upgrades[request.url];
  if (!upgrade) return stream.destroy();
  const [sockets, handle] = upgrade;
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.on("error", () => socket.terminate());
    handle(socket);
  });
});

server.listen({ port, host: "127.0.0.1", backlog });
