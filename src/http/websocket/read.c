#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/utf8.h"
#include "http/connection/io_thread_state.h"
#include "http/websocket/state.h"

void websocket_fail(struct websocket *websocket, unsigned code, const char *reason)
{
    struct closing closing = closing_of(code, reason, strlen(reason));
    ws_channel_put_closing(websocket->channel, &closing);
    websocket_write_close(websocket, &closing);
    websocket->ended = true;
    websocket->connection->linger = true;
}

bool websocket_may_read(const struct websocket *websocket)
{
    return !websocket->ended && !websocket->full && !websocket->gone && websocket->frames.out.length < OUT_BYTES;
}

/* Gives a complete message to the handler, or drops it if a close frame was written. */
static void end_message(struct websocket *websocket)
{
    struct buf *body = &websocket->message;
    websocket->in_message = false;
    if (websocket->closing) {
        body->length = 0;
        return;
    }
    if (buf_reserve(body, 1)) {
        websocket_fail(websocket, CLOSE_SERVER_ERROR, "out of memory");
        return;
    }
    body->bytes[body->length] = '\0';
    if (websocket->text && !utf8_is_valid(body->bytes, body->length)) {
        websocket_fail(websocket, CLOSE_BAD_DATA, "the text is not UTF-8");
        return;
    }
    struct ws_message *message = ws_message_new(websocket->text, body);
    if (!message)
        websocket_fail(websocket, CLOSE_SERVER_ERROR, "out of memory");
    else
        websocket->full = !ws_channel_put(websocket->channel, message);
}

/* Handles a complete close frame: RFC 6455, 5.5.1 and 7.4. */
static void end_close(struct websocket *websocket)
{
    const unsigned char *bytes = (const unsigned char *)websocket->control;
    size_t length = websocket->control_bytes;
    struct closing closing = closing_of(CLOSE_NO_CODE, NULL, 0);
    websocket->control[length] = '\0';
    if (length == 1) {
        websocket_fail(websocket, CLOSE_PROTOCOL_ERROR, "half a close code");
        return;
    }
    if (length > 0) {
        unsigned code = (unsigned)bytes[0] << 8 | bytes[1];
        if (!closing_is_valid_code(code)) {
            websocket_fail(websocket, CLOSE_PROTOCOL_ERROR, "not a close code");
            return;
        }
        if (!utf8_is_valid(websocket->control + 2, length - 2)) {
            websocket_fail(websocket, CLOSE_BAD_DATA, "the close reason is not UTF-8");
            return;
        }
        closing = closing_of(code, websocket->control + 2, length - 2);
    }
    ws_channel_put_closing(websocket->channel, &closing);
    closing.reason_bytes = 0;
    websocket_write_close(websocket, &closing);
    websocket->ended = true;
}

static void end_control(struct websocket *websocket, unsigned opcode)
{
    if (opcode == WSLAY_CONNECTION_CLOSE)
        end_close(websocket);
    else if (opcode == WSLAY_PONG)
        websocket->silent = false;
    else if (!websocket->closing)
        websocket_write_control(websocket, WSLAY_PONG, websocket->control, websocket->control_bytes);
}

static bool is_control(unsigned opcode)
{
    return wslay_is_ctrl_frame(opcode);
}

/* Checks a frame at its first piece. False: the frame is not allowed here, and the websocket has failed. */
static bool begin_frame(struct websocket *websocket, const struct piece *piece)
{
    const char *fault = NULL;
    if (!piece->right)
        fault = "a frame is not masked, or has reserved bits";
    else if (is_control(piece->opcode))
        fault = piece->opcode > WSLAY_PONG ? "a frame has a reserved opcode" : NULL;
    else if (piece->opcode > WSLAY_BINARY_FRAME)
        fault = "a frame has a reserved opcode";
    else if ((piece->opcode == WSLAY_CONTINUATION_FRAME) != websocket->in_message)
        fault = websocket->in_message ? "a message begins inside another" : "a message goes on that has not begun";
    if (fault) {
        websocket_fail(websocket, CLOSE_PROTOCOL_ERROR, fault);
        return false;
    }
    if (is_control(piece->opcode)) {
        websocket->control_bytes = 0;
        return true;
    }
    if (!websocket->in_message)
        websocket->text = piece->opcode == WSLAY_TEXT_FRAME;
    websocket->in_message = true;
    if (piece->frame_bytes <= WEBSOCKET_MESSAGE_MAX - websocket->message.length)
        return true;
    websocket_fail(websocket, CLOSE_TOO_BIG, "a message is over 16 MiB");
    return false;
}

static void take_piece(struct websocket *websocket, const struct piece *piece)
{
    if (piece->begins && !begin_frame(websocket, piece))
        return;
    if (is_control(piece->opcode)) {
        /* libwslay refuses control frames of more than CONTROL_BYTES. */
        memcpy(websocket->control + websocket->control_bytes, piece->bytes, piece->length);
        websocket->control_bytes += piece->length;
        if (piece->ends)
            end_control(websocket, piece->opcode);
        return;
    }
    if (buf_append(&websocket->message, piece->bytes, piece->length))
        websocket_fail(websocket, CLOSE_SERVER_ERROR, "out of memory");
    else if (piece->ends && piece->final)
        end_message(websocket);
}

/* Takes as many of the bytes as may be read now. Returns how many are left. */
static size_t take_bytes(struct websocket *websocket, const char *bytes, size_t length)
{
    struct frames *frames = &websocket->frames;
    struct piece piece;
    enum frames_status status = FRAMES_PIECE;
    frames->in = bytes;
    frames->in_bytes = length;
    while (status == FRAMES_PIECE && websocket_may_read(websocket)) {
        status = frames_read(frames, &piece);
        if (status == FRAMES_PIECE)
            take_piece(websocket, &piece);
        else if (status == FRAMES_MALFORMED)
            websocket_fail(websocket, CLOSE_PROTOCOL_ERROR, "a frame is malformed");
    }
    return frames->in_bytes;
}

/* Returns how many bytes were read; 0: there are none now, or the client is gone. */
static size_t read_socket(struct websocket *websocket)
{
    char *scratch = websocket->connection->io_thread->scratch;
    ssize_t got = recvfrom(websocket->connection->fd, scratch, IO_THREAD_SCRATCH_BYTES, MSG_DONTWAIT, NULL, NULL);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0) {
        websocket->gone = true;
        return 0;
    }
    websocket->heard = true;
    size_t left = take_bytes(websocket, scratch, (size_t)got);
    if (left && !websocket->ended && buf_append(&websocket->held, scratch + got - left, left))
        websocket_fail(websocket, CLOSE_SERVER_ERROR, "out of memory");
    return (size_t)got;
}

void websocket_read(struct websocket *websocket)
{
    struct buf *held = &websocket->held;
    /* Also if nothing is held: libwslay may have buffered some input. */
    size_t left = take_bytes(websocket, held->bytes, held->length);
    buf_consume(held, held->length - left);
    if (left == 0)
        buf_free(held);
    for (size_t bytes = 0; bytes < RUN_BYTES && websocket_may_read(websocket);) {
        size_t got = read_socket(websocket);
        if (got == 0)
            break;
        bytes += got;
    }
}
