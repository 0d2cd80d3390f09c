/* The state of a websocket, private to this folder. LOOP only. */
#ifndef TANDEM_HTTP_WEBSOCKET_STATE_H
#define TANDEM_HTTP_WEBSOCKET_STATE_H

#include <uv.h>

#include "http/connection/connection.h"
#include "http/websocket/frames.h"
#include "http/websocket/websocket.h"
#include "stream/ws_channel.h"

enum {
    CONTROL_BYTES = 125,        /* RFC 6455, 5.5 */
    FRAGMENT_BYTES = 16 * 1024, /* of a message, that go out in one frame */
    OUT_BYTES = 16 * 1024,      /* unsent bytes at which no more is read, and no more frames are written */
    RUN_BYTES = 256 * 1024,     /* read, or sent, at a time: the loop has other connections to serve */
};

struct websocket {
    struct connection *connection;
    struct ws_channel *channel;
    struct MHD_UpgradeResponseHandle *upgrade; /* NULL: the websocket is not open yet */
    struct frames frames;

    /* Input. */
    struct buf held; /* bytes read, and not yet given to frames */
    struct buf message;
    bool in_message, text; /* a message has begun; it is text */
    char control[CONTROL_BYTES + 1];
    size_t control_bytes;
    bool full;  /* the channel has no room until the handler takes messages */
    bool ended; /* nothing more is read */

    /* Output. */
    struct ws_message *sending;
    size_t sent_bytes;
    bool more;    /* there is more to do as soon as the socket is writable */
    bool closing; /* a close frame was written: nothing follows it */

    bool gone;   /* the socket or an allocation has failed, or the client has left */
    bool silent; /* a ping was sent and is not answered yet */
    bool heard;  /* bytes came since the timer last fired */
    int events;  /* the events that poll waits for */
    uv_poll_t poll;
    uv_timer_t timer; /* for the next ping, its answer, or the answer to a close */
    unsigned open_handles;
};

/* Reads as much as may be read now. Sets gone at the end of input. (read.c) */
void websocket_read(struct websocket *websocket);

/* True if input may be read: it has not ended, and there is room for its messages and for the answers to it. */
bool websocket_may_read(const struct websocket *websocket);

/* Sends as much as the client takes now. (write.c) */
void websocket_write(struct websocket *websocket);

/* Writes a control frame. If memory runs out, gives the socket up: sets gone. */
void websocket_write_control(struct websocket *websocket, unsigned opcode, const char *bytes, size_t length);

/* Writes the close frame, unless one was written already. CLOSE_NO_CODE: writes an empty one. No message follows. */
void websocket_write_close(struct websocket *websocket, const struct closing *closing);

/* Closes the websocket with the code, as the client broke the protocol, or the server cannot go on. The handler gets
 * the code too. reason: at most CLOSE_REASON_MAX bytes. */
void websocket_fail(struct websocket *websocket, unsigned code, const char *reason);

#endif
