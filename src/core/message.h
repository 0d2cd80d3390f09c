/* Messages of a websocket, and the close behind them (RFC 6455): what goes through a channel (channel.h). One owner at
 * a time. */
#ifndef TANDEM_CORE_MESSAGE_H
#define TANDEM_CORE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { CLOSE_REASON_MAX = 123 }; /* bytes: RFC 6455, 5.5 */

/* Status codes of a close: RFC 6455, 7.4.1, and the IANA registry. */
enum {
    CLOSE_NORMAL = 1000,
    CLOSE_PROTOCOL_ERROR = 1002,
    CLOSE_NO_CODE = 1005,  /* the peer gave none; never sent */
    CLOSE_ABNORMAL = 1006, /* the peer left without one; never sent */
    CLOSE_BAD_DATA = 1007,
    CLOSE_TOO_BIG = 1009,
    CLOSE_SERVER_ERROR = 1011,
    CLOSE_RESTART = 1012,
};

struct message {
    struct message *next;
    bool text; /* UTF-8; else bytes */
    struct buf body;
};

struct closing {
    unsigned code;
    size_t reason_bytes;
    char reason[CLOSE_REASON_MAX]; /* UTF-8, not a string */
};

/* ANY thread. Takes what body has, and empties it. NULL where memory ran out. Returns owned. */
struct message *message_new(bool text, struct buf *body);
void message_free(struct message *message);

/* ANY thread. The reason: at most CLOSE_REASON_MAX bytes. */
struct closing closing_of(unsigned code, const char *reason, size_t reason_bytes);

/* Whether a peer may send the code in a close frame. */
bool closing_is_valid_code(unsigned code);

#endif
