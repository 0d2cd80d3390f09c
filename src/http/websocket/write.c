#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "http/connection/io_thread_state.h"
#include "http/websocket/state.h"

void websocket_write_control(struct websocket *websocket, unsigned opcode, const char *bytes, size_t length)
{
    if (frames_write(&websocket->frames, opcode, true, bytes, length))
        websocket->gone = true;
}

void websocket_write_close(struct websocket *websocket, const struct closing *closing)
{
    char bytes[2 + CLOSE_REASON_MAX] = {(char)(closing->code >> 8), (char)(closing->code & 0xff)};
    if (websocket->closing)
        return;
    memcpy(bytes + 2, closing->reason, closing->reason_bytes);
    websocket_write_control(websocket, WSLAY_CONNECTION_CLOSE, bytes,
                            closing->code == CLOSE_NO_CODE ? 0 : 2 + closing->reason_bytes);
    websocket->closing = true;
    websocket->full = false; /* messages are still read, but dropped */
    ws_message_free(websocket->sending);
    websocket->sending = NULL;
}

/* Takes the handler's next message, or writes its close. False: there is no message to send. */
static bool take_next(struct websocket *websocket)
{
    struct closing closing;
    switch (ws_channel_next(websocket->channel, &websocket->sending, &closing)) {
    case WS_CHANNEL_MESSAGE:
        websocket->sent_bytes = 0;
        return true;
    case WS_CHANNEL_CLOSED:
        websocket_write_close(websocket, &closing);
        return false;
    default:
        return false;
    }
}

static void write_fragment(struct websocket *websocket)
{
    struct ws_message *message = websocket->sending;
    size_t left = message->body.length - websocket->sent_bytes;
    size_t run = left < FRAGMENT_BYTES ? left : FRAGMENT_BYTES;
    unsigned opcode = websocket->sent_bytes ? WSLAY_CONTINUATION_FRAME
                      : message->text       ? WSLAY_TEXT_FRAME
                                            : WSLAY_BINARY_FRAME;
    const char *bytes = run ? message->body.bytes + websocket->sent_bytes : NULL;
    if (frames_write(&websocket->frames, opcode, run == left, bytes, run)) {
        websocket->gone = true;
        return;
    }
    websocket->sent_bytes += run;
    ws_channel_sent(websocket->channel, run);
    if (run < left)
        return;
    ws_message_free(message);
    websocket->sending = NULL;
}

/* Fills frames->out with frames to send, up to OUT_BYTES or a little more. */
static void fill(struct websocket *websocket)
{
    while (websocket->frames.out.length < OUT_BYTES && !websocket->closing && !websocket->gone &&
           (websocket->sending || take_next(websocket)))
        write_fragment(websocket);
}

/* Returns how many bytes the socket took; 0: it takes none now, or has failed. */
static size_t flush(struct websocket *websocket)
{
    struct buf *out = &websocket->frames.out;
    ssize_t sent = sendto(websocket->connection->fd, out->bytes, out->length, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
    if (sent < 0) {
        websocket->gone = errno != EAGAIN && errno != EINTR;
        return 0;
    }
    buf_consume(out, (size_t)sent);
    if (out->length == 0)
        buf_free(out); /* an idle websocket should need little memory */
    return (size_t)sent;
}

void websocket_write(struct websocket *websocket)
{
    size_t bytes = 0;
    websocket->more = false;
    for (;;) {
        fill(websocket);
        if (websocket->gone || websocket->frames.out.length == 0)
            return;
        if (bytes >= RUN_BYTES) {
            websocket->more = true;
            return;
        }
        size_t sent = flush(websocket);
        if (sent == 0)
            return;
        bytes += sent;
    }
}
