/* A handler of your own for tandem, in C or C++: a shared object that tandem --native FILE.so serves at /native/.
 *
 * It has one or both of two forms. `run` blocks: uv-pool calls it on a thread of libuv's pool, and what it has said by
 * its return is the answer. `start` is evented: uv-loop calls it on an event loop, it must not wait, and tandem_done()
 * answers later. docs/native.md has a whole example. To build one:
 *
 *   gcc -shared -fPIC $(pkg-config --cflags tandem) -o hello.so hello.c
 *
 * The functions below are the executable's; dlopen(3) finds them there. Strings end with NUL; lengths are in bytes and
 * do not count it. In a comment, LOOP is the thread of the request's event loop, WORKER one of libuv's pool, MAIN the
 * one that main() runs on, and "the owner" whoever has the request: from the call of run or start until run returns or
 * tandem_done is called, one thread at a time. What a request gives to read is valid for as long. */
#ifndef TANDEM_HANDLER_H
#define TANDEM_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when something here changes that a handler which is built already relies on. tandem refuses a handler of
 * another version. A function that is only added does not raise it: where it is missing dlopen(3) says so. */
#define TANDEM_ABI_VERSION 1

#if defined(__GNUC__)
#define TANDEM_PUBLIC                __attribute__((visibility("default")))
#define TANDEM_FORMAT_AT(at, values) __attribute__((format(printf, at, values)))
#else
#define TANDEM_PUBLIC
#define TANDEM_FORMAT_AT(at, values)
#endif

/* A request and its answer in the making. */
struct tandem_request;

/* uv_loop_t, without uv.h. */
struct uv_loop_s;

/* Bytes of the request: no string, there is no NUL behind them. */
struct tandem_bytes {
    const char *data;
    size_t length;
};

/* What a handler is. What is not set is NULL; run, start or both are. */
struct tandem_handler {
    uint32_t abi_version; /* TANDEM_ABI_VERSION: TANDEM_HANDLER sets it */

    /* MAIN, before the first request. NULL: ready. Else a sentence that says why not: tandem prints it and ends with
     * exit status 3. teardown follows only where it was ready. */
    const char *(*setup)(void);

    /* MAIN, behind the last request; no event loop runs. What the handler has kept open on an event loop is closed
     * here, by uv_close; its close callbacks are called afterwards, for the file stays loaded. */
    void (*teardown)(void);

    /* WORKER, several at a time. May block. Owns the request until it returns. */
    void (*run)(struct tandem_request *request);

    /* LOOP, and of several loops at a time where there are several (--loops). Never blocks: every connection of the
     * loop waits meanwhile. Takes the request: tandem_done follows exactly once, perhaps before this returns. */
    void (*start)(struct tandem_request *request);

    /* LOOP. Nobody waits for the answer of a started request any more: its client has left, or --request-timeout is
     * over. tandem_done still follows exactly once, and soon, perhaps before this returns. Not called once tandem_done
     * has begun; but where another thread is to call that, it may begin meanwhile, so there this tells that thread to
     * hurry, and leaves tandem_done to it. NULL: it always follows soon anyway. */
    void (*cancel)(struct tandem_request *request);
};

/* The one thing that a handler exports. */
TANDEM_PUBLIC extern const struct tandem_handler tandem_handler;

/* Defines it: TANDEM_HANDLER(.run = run, .start = start); in the order of the members, which C++ wants. */
#define TANDEM_HANDLER(...)                                                                                            \
    const struct tandem_handler tandem_handler = {.abi_version = TANDEM_ABI_VERSION, __VA_ARGS__}

/* The request: the owner reads it. */

/* "GET", "POST" …: whatever the client sent, in its case. */
TANDEM_PUBLIC const char *tandem_method(const struct tandem_request *request);

/* Path and query as they were sent, with the way to the handler: "/native/a%20b?c=d". */
TANDEM_PUBLIC const char *tandem_target(const struct tandem_request *request);

/* The path behind the way to the handler, percent-decoded, without the query: "/a b"; "" where there is none behind it.
 * A path that cannot be decoded, or holds a NUL, is answered 400 before the handler is asked. */
TANDEM_PUBLIC const char *tandem_path(const struct tandem_request *request);

/* What is behind the first ? of the target, as it was sent; "" where nothing is. */
TANDEM_PUBLIC const char *tandem_query(const struct tandem_request *request);

/* The value of the first header field of that name, whatever its case, without the blanks around it. False: there is
 * none, and *value is as it was. */
TANDEM_PUBLIC bool tandem_field(const struct tandem_request *request, const char *name, struct tandem_bytes *value);

/* The header fields one by one, as they were sent. *at is 0 at first, and tandem's from then on. False: no more. */
TANDEM_PUBLIC bool tandem_next_field(const struct tandem_request *request, size_t *at, struct tandem_bytes *name,
                                     struct tandem_bytes *value);

/* The whole body, at most --max-body, however it was sent. */
TANDEM_PUBLIC struct tandem_bytes tandem_body(const struct tandem_request *request);

/* The client's address as IPv4 or IPv6 are written, "" where it is neither; and its port, 0 to 65535. */
TANDEM_PUBLIC const char *tandem_peer_host(const struct tandem_request *request);
TANDEM_PUBLIC unsigned tandem_peer_port(const struct tandem_request *request);

/* 0 for HTTP/1.0, 1 for HTTP/1.1. */
TANDEM_PUBLIC unsigned tandem_http_minor_version(const struct tandem_request *request);

/* The event loop of a request that was started, a uv_loop_t, to be used on LOOP only (uv_async_send apart, as libuv has
 * it); NULL in run. */
TANDEM_PUBLIC struct uv_loop_s *tandem_loop(const struct tandem_request *request);

/* A pointer of the handler's own; NULL at first. tandem does nothing with it. */
TANDEM_PUBLIC void tandem_set_user(struct tandem_request *request, void *user);
TANDEM_PUBLIC void *tandem_user(const struct tandem_request *request);

/* The answer: the owner says it, in any order. What cannot be sent, and a lack of memory, make it a 500: the first such
 * thing goes to the log, and what is said behind it is ignored. HEAD is answered as GET is: the body is not sent. */

/* 200 to 599; an answer has one. */
TANDEM_PUBLIC void tandem_set_status(struct tandem_request *request, unsigned status);

/* One header field more: strings, of which a copy is made. The name is a token (RFC 9110, 5.6.2), the value has no
 * control characters but tabs. Content-Length and the hop-by-hop fields (Connection, Transfer-Encoding …) are the
 * server's to say; Server and Date, too, where the handler does not. Nothing adds a Content-Type. */
TANDEM_PUBLIC void tandem_add_field(struct tandem_request *request, const char *name, const char *value);

/* The body: a copy of length bytes. In place of the one before, if there was one. */
TANDEM_PUBLIC void tandem_set_body(struct tandem_request *request, const void *bytes, size_t length);

/* The same without a copy. Takes the bytes: release(context) is called exactly once, on any thread, when they are not
 * needed any more, also where the answer becomes another one; tandem_take_body(request, text, length, free, text).
 * release may be NULL for what lives until the process ends. It must not call the functions of this header. */
TANDEM_PUBLIC void tandem_take_body(struct tandem_request *request, const void *bytes, size_t length,
                                    void (*release)(void *context), void *context);

/* The answer is a 500 that does not say why; the log says it. As printf. */
TANDEM_PUBLIC void tandem_fail(struct tandem_request *request, const char *format, ...) TANDEM_FORMAT_AT(2, 3);

/* ANY thread, exactly once for each request that was started: the answer is said. The request is not the handler's any
 * more, and must not be touched. */
TANDEM_PUBLIC void tandem_done(struct tandem_request *request);

#ifdef __cplusplus
}
#endif

#endif
