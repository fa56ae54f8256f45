// The contract of `benches/side_by_side/` on uWebSockets, by its C interface: `uws PORT`.
//
// Topics for WebSockets, a list of responses for events; each is corked: it leaves in one send.

#include "capi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TOPIC "published"
#define BACKLOG 4096 // connections that may wait to be accepted

static uws_app_t *app;
static us_loop_t *loop;

static void *allocate(void *old, size_t bytes) {
    void *new = realloc(old, bytes);
    if (!new) abort();
    return new;
}

// Plain requests

static void hello(uws_res_t *res, uws_req_t *req, void *data) {
    uws_res_write_header(PLAIN, res, "Content-Type", 12, "text/plain", 10);
    uws_res_end(PLAIN, res, "Hello, World!", 13, false);
}

static void forget(uws_res_t *res, void *length) {
    free(length);
}

static void add_length(uws_res_t *res, const char *part, size_t bytes, bool is_end, void *data) {
    size_t *length = data;
    *length += bytes;
    if (!is_end) return;
    char decimal[24];
    int digits = snprintf(decimal, sizeof decimal, "%zu", *length);
    free(length);
    uws_res_write_header(PLAIN, res, "Content-Type", 12, "text/plain", 10);
    uws_res_end(PLAIN, res, decimal, digits, false);
}

static void length(uws_res_t *res, uws_req_t *req, void *data) {
    size_t *length = allocate(NULL, sizeof *length);
    *length = 0;
    uws_res_on_data(PLAIN, res, add_length, length);
    uws_res_on_aborted(PLAIN, res, forget, length);
}

// Echoes

static void echo(uws_websocket_t *ws, const char *message, size_t length, uws_opcode_t opcode,
                 void *data) {
    uws_ws_send_with_options(PLAIN, ws, message, length, opcode, false, true);
}

static void echo_deflated(uws_websocket_t *ws, const char *message, size_t length,
                          uws_opcode_t opcode, void *data) {
    uws_ws_send_with_options(PLAIN, ws, message, length, opcode, true, true);
}

// Server-sent events: a list of responses, each of which knows its place

typedef struct {
    uws_res_t *res;
    size_t place;
} listener_t;

static listener_t **listeners;
static size_t listeners_length, listeners_capacity;

// Events of this turn of the loop, one behind the other, and where each ends.
static char *events;
static size_t events_length, events_capacity;
static size_t *ends, ends_length, ends_capacity;

// Makes room for one more of some items.
static void *grow(void *items, size_t length, size_t *capacity, size_t item_bytes) {
    if (length < *capacity) return items;
    *capacity = *capacity ? 2 * *capacity : 1024;
    return allocate(items, *capacity * item_bytes);
}

// Sends the head, which waits for a first part of the body: a comment.
static void begin_events(uws_res_t *res) {
    uws_res_write_header(PLAIN, res, "Content-Type", 12, "text/event-stream", 17);
    uws_res_write_header(PLAIN, res, "Cache-Control", 13, "no-cache", 8);
    uws_res_write(PLAIN, res, ":\n\n", 3);
}

static void stop_listening(uws_res_t *res, void *data) {
    listener_t *listener = data, *last = listeners[--listeners_length];
    listeners[last->place = listener->place] = last;
    free(listener);
}

static void listen_to_events(uws_res_t *res, uws_req_t *req, void *data) {
    listeners = grow(listeners, listeners_length, &listeners_capacity, sizeof *listeners);
    listener_t *listener = allocate(NULL, sizeof *listener);
    *listener = (listener_t){.res = res, .place = listeners_length};
    listeners[listeners_length++] = listener;
    uws_res_on_aborted(PLAIN, res, stop_listening, listener);
    begin_events(res);
}

// Each event is a chunk, as it is if it comes alone.
static void write_events(uws_res_t *res, void *data) {
    for (size_t event = 0, start = 0; event < ends_length; start = ends[event++])
        uws_res_write(PLAIN, res, events + start, ends[event] - start);
}

static void send_events(void *data) {
    for (size_t place = 0; place < listeners_length; place++)
        uws_res_cork(PLAIN, listeners[place]->res, write_events, NULL);
    events_length = ends_length = 0;
}

// Corking is refused inside of a message handler, which has a cork of its own: so it is done after.
static void publish_event(const char *message, size_t length) {
    if (!listeners_length) return;
    if (!ends_length) uws_loop_defer(loop, send_events, NULL);
    size_t needed = events_length + length + sizeof "data: \n\n";
    if (needed > events_capacity) events = allocate(events, events_capacity = 2 * needed);
    events_length += sprintf(events + events_length, "data: %.*s\n\n", (int)length, message);
    ends = grow(ends, ends_length, &ends_capacity, sizeof *ends);
    ends[ends_length++] = events_length;
}

// Publishing

static void publish(uws_websocket_t *ws, const char *message, size_t length, uws_opcode_t opcode,
                    void *data) {
    uws_publish(PLAIN, app, TOPIC, strlen(TOPIC), message, length, UWS_TEXT, true);
    publish_event(message, length);
}

static void subscribe(uws_websocket_t *ws, void *data) {
    uws_ws_subscribe(PLAIN, ws, TOPIC, strlen(TOPIC));
}

// Ticks: each connection has a timer of its own, which libuv keeps in a heap

typedef struct {
    uws_websocket_t *ws;
    uws_res_t *res;
    us_timer_t *timer;
    int fired;
} ticker_t;

static void start_ticking(ticker_t *ticker, void (*fire)(us_timer_t *)) {
    ticker->timer = us_create_timer(loop, 0, sizeof ticker);
    *(ticker_t **)us_timer_ext(ticker->timer) = ticker;
    us_timer_set(ticker->timer, fire, 1000, 1000);
}

static void stop_ticking(ticker_t *ticker) {
    us_timer_close(ticker->timer);
    free(ticker);
}

static void send_tick(us_timer_t *timer) {
    ticker_t *ticker = *(ticker_t **)us_timer_ext(timer);
    char text[24];
    int length = sprintf(text, "tick %d", ++ticker->fired);
    uws_ws_send_with_options(PLAIN, ticker->ws, text, length, UWS_TEXT, false, true);
}

static void write_tick(uws_res_t *res, void *data) {
    ticker_t *ticker = data;
    char event[32];
    int length = sprintf(event, "data: tick %d\n\n", ++ticker->fired);
    uws_res_write(PLAIN, res, event, length);
}

static void send_tick_event(us_timer_t *timer) {
    ticker_t *ticker = *(ticker_t **)us_timer_ext(timer);
    uws_res_cork(PLAIN, ticker->res, write_tick, ticker);
}

static void end_tick_events(uws_res_t *res, void *ticker) {
    stop_ticking(ticker);
}

static void tick_events(uws_res_t *res, uws_req_t *req, void *data) {
    ticker_t *ticker = allocate(NULL, sizeof *ticker);
    *ticker = (ticker_t){.res = res};
    uws_res_on_aborted(PLAIN, res, end_tick_events, ticker);
    begin_events(res);
    start_ticking(ticker, send_tick_event);
}

// A socket can be given data of its own only here.
static void accept_ticker(uws_res_t *res, uws_req_t *req, uws_socket_context_t *context,
                          void *data) {
    const char *key, *protocol, *extensions;
    size_t key_length = uws_req_get_header(req, "sec-websocket-key", 17, &key);
    size_t protocol_length = uws_req_get_header(req, "sec-websocket-protocol", 22, &protocol);
    size_t extensions_length = uws_req_get_header(req, "sec-websocket-extensions", 24, &extensions);
    ticker_t *ticker = allocate(NULL, sizeof *ticker);
    *ticker = (ticker_t){0};
    uws_res_upgrade(PLAIN, res, ticker, key, key_length, protocol, protocol_length, extensions,
                    extensions_length, context);
}

static void open_ticker(uws_websocket_t *ws, void *data) {
    ticker_t *ticker = uws_ws_get_user_data(PLAIN, ws);
    ticker->ws = ws;
    start_ticking(ticker, send_tick);
}

static void close_ticker(uws_websocket_t *ws, int code, const char *message, size_t length,
                         void *data) {
    stop_ticking(uws_ws_get_user_data(PLAIN, ws));
}

static void listening(void *listen_socket, uws_app_listen_config_t config, void *data) {
    if (!listen_socket) {
        fprintf(stderr, "port %d is taken\n", config.port);
        exit(1);
    }
    // Again, as the library has room for 512 only.
    listen((int)(intptr_t)us_socket_get_native_handle(PLAIN, listen_socket), BACKLOG);
}

// A socket of the library's own defaults, but with room for what we send.
static uws_socket_behavior_t socket_of(uws_compress_options_t compression) {
    return (uws_socket_behavior_t){
        .compression = compression,
        .max_payload_length = 1 << 20,
        .idle_timeout = 120,
        .max_backpressure = 1 << 20,
        .send_pings_automatically = true,
    };
}

int main(int count, char **arguments) {
    int port = count > 1 ? atoi(arguments[1]) : 0;
    if (!port) {
        fprintf(stderr, "usage: uws PORT\n");
        return 2;
    }
    loop = uws_get_loop();
    app = uws_create_app(PLAIN, (us_socket_context_options_t){0});
    uws_app_get(PLAIN, app, "/hello", hello, NULL);
    uws_app_post(PLAIN, app, "/length", length, NULL);
    uws_app_get(PLAIN, app, "/events", listen_to_events, NULL);
    uws_app_get(PLAIN, app, "/ticks", tick_events, NULL);

    uws_socket_behavior_t plain = socket_of(UWS_DISABLED), deflated = socket_of(UWS_SHARED);
    plain.message = echo;
    uws_ws(PLAIN, app, "/echo", plain, NULL);
    plain.message = publish;
    uws_ws(PLAIN, app, "/publish", plain, NULL);
    plain.message = NULL;
    plain.open = subscribe;
    uws_ws(PLAIN, app, "/subscribe", plain, NULL);
    plain.upgrade = accept_ticker;
    plain.open = open_ticker;
    plain.close = close_ticker;
    uws_ws(PLAIN, app, "/tick", plain, NULL);
    deflated.message = echo_deflated;
    uws_ws(PLAIN, app, "/deflate", deflated, NULL);
    deflated.message = NULL;
    deflated.open = subscribe;
    uws_ws(PLAIN, app, "/subscribe-deflate", deflated, NULL);

    uws_app_listen_config_t config = {.port = port, .host = "127.0.0.1", .options = 1};
    uws_app_listen_with_config(PLAIN, app, config, listening, NULL);
    uws_app_run(PLAIN, app);
}
