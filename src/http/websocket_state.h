/* An open websocket: what websocket*.c know of it, and they alone. LOOP only. */
#ifndef TANDEM_HTTP_WEBSOCKET_STATE_H
#define TANDEM_HTTP_WEBSOCKET_STATE_H

#include <uv.h>

#include "core/channel.h"
#include "http/connection.h"
#include "http/frames.h"
#include "http/websocket.h"

enum {
    CONTROL_BYTES = 125,        /* RFC 6455, 5.5 */
    FRAGMENT_BYTES = 16 * 1024, /* of a message, that go out as a frame */
    OUT_BYTES = 16 * 1024,      /* written and not sent: nothing more is read or written */
    TURN_BYTES = 256 * 1024,    /* read, or sent, at a time: the loop has others to serve */
};

struct websocket {
    struct connection *connection;
    struct channel *channel;
    struct MHD_UpgradeResponseHandle *upgrade; /* NULL: it is not open yet */
    struct frames frames;

    /* Coming in. */
    struct buf held; /* read, and not yet given to frames */
    struct buf message;
    bool in_message, text; /* that begun */
    char control[CONTROL_BYTES + 1];
    size_t control_bytes;
    bool full;  /* the handler has not taken enough of it */
    bool ended; /* nothing more is read */

    /* Going out. */
    struct message *sending;
    size_t sent_bytes;
    bool more;    /* there is more to do than was done in this turn */
    bool closing; /* a close frame is written: nothing follows it */

    bool gone;   /* the socket has failed, or its client has left */
    bool silent; /* a ping is not answered */
    bool heard;  /* something came since it was sent */
    int events;  /* that poll waits for */
    uv_poll_t poll;
    uv_timer_t timer; /* for the next ping, its answer, or the answer to a close */
    unsigned open_handles;
};

/* Reads as much as may be read now; sets gone at the end. (websocket_read.c) */
void websocket_read(struct websocket *websocket);

/* Whether there is room for what reading leads to. */
bool websocket_may_read(const struct websocket *websocket);

/* Sends as much as the client takes now. (websocket_write.c) */
void websocket_write(struct websocket *websocket);

/* Writes a control frame; without memory the socket is as good as gone. */
void websocket_write_control(struct websocket *websocket, unsigned opcode, const char *bytes, size_t length);

/* Writes the close frame, unless there is one; CLOSE_NO_CODE: an empty one. No message follows. */
void websocket_write_close(struct websocket *websocket, const struct closing *closing);

/* The client broke the protocol, or the server cannot go on: closes with the code, which the handler is told too. */
void websocket_fail(struct websocket *websocket, unsigned code, const char *reason);

#endif
