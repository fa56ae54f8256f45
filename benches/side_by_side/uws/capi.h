// What is called of the C interface to uWebSockets that `libsocketify` of the package socketify
// 0.0.31 exports. It ships no header: these are the shapes its Python half declares.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct uws_app_s uws_app_t;
typedef struct uws_req_s uws_req_t;
typedef struct uws_res_s uws_res_t;
typedef struct uws_websocket_s uws_websocket_t;
typedef struct uws_socket_context_s uws_socket_context_t;
typedef struct us_loop_s us_loop_t;
typedef struct us_timer_s us_timer_t;

// The first argument of nearly all of them.
enum { PLAIN = 0, TLS = 1 };

// TLS alone reads it.
typedef struct {
    const char *key_file, *cert_file, *passphrase, *dh_params_file, *ca_file, *ssl_ciphers;
    int ssl_prefer_low_memory_usage;
} us_socket_context_options_t;

typedef enum { UWS_TEXT = 1, UWS_BINARY = 2 } uws_opcode_t;

// One compressor and one decompressor for all, so no context takeover either way.
typedef enum { UWS_DISABLED = 0, UWS_SHARED = 1 | 1 << 8 } uws_compress_options_t;

typedef struct {
    int port;
    const char *host;
    int options;
} uws_app_listen_config_t;

typedef void uws_websocket_handler(uws_websocket_t *, void *user_data);
typedef void uws_websocket_message_handler(
    uws_websocket_t *, const char *message, size_t length, uws_opcode_t, void *user_data);
typedef void uws_websocket_ping_pong_handler(
    uws_websocket_t *, const char *message, size_t length, void *user_data);
typedef void uws_websocket_close_handler(
    uws_websocket_t *, int code, const char *message, size_t length, void *user_data);
typedef void uws_websocket_upgrade_handler(
    uws_res_t *, uws_req_t *, uws_socket_context_t *, void *user_data);
typedef void uws_websocket_subscription_handler(
    uws_websocket_t *, const char *topic, size_t length, int now, int before, void *user_data);

typedef struct {
    uws_compress_options_t compression;
    unsigned int max_payload_length; // bytes
    unsigned short idle_timeout;     // seconds
    unsigned int max_backpressure;   // bytes
    bool close_on_backpressure_limit;
    bool reset_idle_timeout_on_send;
    bool send_pings_automatically;
    unsigned short max_lifetime; // minutes
    uws_websocket_upgrade_handler *upgrade;
    uws_websocket_handler *open;
    uws_websocket_message_handler *message;
    uws_websocket_handler *drain;
    uws_websocket_ping_pong_handler *ping;
    uws_websocket_ping_pong_handler *pong;
    uws_websocket_close_handler *close;
    uws_websocket_subscription_handler *subscription;
} uws_socket_behavior_t;

typedef void uws_method_handler(uws_res_t *, uws_req_t *, void *user_data);
typedef void uws_listen_handler(
    void *listen_socket, uws_app_listen_config_t config, void *user_data);
typedef void uws_data_handler(
    uws_res_t *, const char *chunk, size_t length, bool is_end, void *user_data);
typedef void uws_res_handler(uws_res_t *, void *user_data);

uws_app_t *uws_create_app(int ssl, us_socket_context_options_t options);
void uws_app_get(int ssl, uws_app_t *, const char *pattern, uws_method_handler *, void *user_data);
void uws_app_post(int ssl, uws_app_t *, const char *pattern, uws_method_handler *, void *user_data);
void uws_ws(int ssl, uws_app_t *, const char *pattern, uws_socket_behavior_t, void *user_data);
void uws_app_listen_with_config(
    int ssl, uws_app_t *, uws_app_listen_config_t, uws_listen_handler *, void *user_data);
void uws_app_run(int ssl, uws_app_t *);
bool uws_publish(int ssl, uws_app_t *, const char *topic, size_t topic_length,
                 const char *message, size_t length, uws_opcode_t, bool compress);

size_t uws_req_get_header(uws_req_t *, const char *name, size_t length, const char **value);

void uws_res_write_header(int ssl, uws_res_t *, const char *name, size_t name_length,
                          const char *value, size_t value_length);
bool uws_res_write(int ssl, uws_res_t *, const char *data, size_t length);
void uws_res_end(int ssl, uws_res_t *, const char *data, size_t length, bool close_connection);
void uws_res_cork(int ssl, uws_res_t *, uws_res_handler *, void *user_data);
void uws_res_on_data(int ssl, uws_res_t *, uws_data_handler *, void *user_data);
void uws_res_on_aborted(int ssl, uws_res_t *, uws_res_handler *, void *user_data);
void uws_res_upgrade(int ssl, uws_res_t *, void *data, const char *key, size_t key_length,
                     const char *protocol, size_t protocol_length, const char *extensions,
                     size_t extensions_length, uws_socket_context_t *);

void *uws_ws_get_user_data(int ssl, uws_websocket_t *);
bool uws_ws_subscribe(int ssl, uws_websocket_t *, const char *topic, size_t length);
int uws_ws_send_with_options(int ssl, uws_websocket_t *, const char *message, size_t length,
                             uws_opcode_t, bool compress, bool fin);

us_loop_t *uws_get_loop(void);
void uws_loop_defer(us_loop_t *, void (*callback)(void *user_data), void *user_data);

void *us_socket_get_native_handle(int ssl, void *socket);

us_timer_t *us_create_timer(us_loop_t *, int fallthrough, unsigned int ext_size);
void *us_timer_ext(us_timer_t *);
void us_timer_set(us_timer_t *, void (*callback)(us_timer_t *), int ms, int repeat_ms);
void us_timer_close(us_timer_t *);
