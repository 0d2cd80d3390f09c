/* Websocket messages, and the closing after them (RFC 6455), as they go through a channel (ws_channel.h). One owner at
 * a time. */
#ifndef TANDEM_STREAM_WS_MESSAGE_H
#define TANDEM_STREAM_WS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/buf.h"

enum { CLOSE_REASON_MAX = 123 }; /* bytes: RFC 6455, 5.5 */

/* Status codes of a close: RFC 6455, 7.4.1, and the IANA registry. */
enum {
    CLOSE_NORMAL = 1000,
    CLOSE_PROTOCOL_ERROR = 1002,
    CLOSE_NO_CODE = 1005,  /* the peer's close had no code; never sent */
    CLOSE_ABNORMAL = 1006, /* the peer left without a close; never sent */
    CLOSE_BAD_DATA = 1007,
    CLOSE_TOO_BIG = 1009,
    CLOSE_SERVER_ERROR = 1011,
    CLOSE_RESTART = 1012,
};

struct ws_message {
    STAILQ_ENTRY(ws_message) link;
    bool text; /* body is UTF-8 text; else bytes */
    struct buf body;
};

struct closing {
    unsigned code;
    size_t reason_bytes;
    char reason[CLOSE_REASON_MAX]; /* UTF-8, not NUL-terminated */
};

/* ANY thread. Returns a message, owned, with the contents of body, which is empty afterwards. NULL if memory ran out;
 * body is as it was. */
struct ws_message *ws_message_new(bool text, struct buf *body);
void ws_message_free(struct ws_message *message);

/* ANY thread. Returns a closing. code is not 0; the reason has at most CLOSE_REASON_MAX bytes. */
struct closing closing_of(unsigned code, const char *reason, size_t reason_bytes);

/* True if a peer may send the code in a close frame. */
bool closing_is_valid_code(unsigned code);

#endif
