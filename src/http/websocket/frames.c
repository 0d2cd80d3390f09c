#include "http/websocket/frames.h"

#include <string.h>

#include "base/check.h"

enum { HEADER_MAX = 10 }; /* bytes, of an unmasked frame */

/* NOLINTNEXTLINE(readability-non-const-parameter): its type is given */
static ssize_t on_send(const uint8_t *bytes, size_t length, int flags, void *owner)
{
    (void)flags;
    struct frames *frames = owner;
    CHECK(buf_append(&frames->out, bytes, length) == ERR_OK); /* frames_write has reserved the room */
    return (ssize_t)length;
}

static ssize_t on_recv(uint8_t *bytes, size_t room, int flags, void *owner)
{
    (void)flags;
    struct frames *frames = owner;
    size_t run = frames->in_bytes < room ? frames->in_bytes : room;
    if (run == 0)
        return -1; /* nothing now: WSLAY_ERR_WANT_READ */
    memcpy(bytes, frames->in, run);
    frames->in += run;
    frames->in_bytes -= run;
    return (ssize_t)run;
}

enum err frames_open(struct frames *frames)
{
    static const struct wslay_frame_callbacks callbacks = {.send_callback = on_send, .recv_callback = on_recv};
    return wslay_frame_context_init(&frames->wslay, &callbacks, frames) == 0 ? ERR_OK : ERR_NOMEM;
}

void frames_close(struct frames *frames)
{
    wslay_frame_context_free(frames->wslay);
    frames->wslay = NULL;
    buf_free(&frames->out);
}

enum frames_status frames_read(struct frames *frames, struct piece *out)
{
    struct wslay_frame_iocb frame = {0};
    ssize_t got = wslay_frame_recv(frames->wslay, &frame);
    if (got < 0)
        return got == WSLAY_ERR_WANT_READ ? FRAMES_NOTHING_YET : FRAMES_MALFORMED;
    bool begins = frames->left == 0;
    frames->left = (begins ? frame.payload_length : frames->left) - frame.data_length;
    *out = (struct piece){.begins = begins,
                          .ends = frames->left == 0,
                          .final = frame.fin,
                          .right = frame.mask && !frame.rsv,
                          .opcode = frame.opcode,
                          .frame_bytes = frame.payload_length,
                          .bytes = (const char *)frame.data,
                          .length = frame.data_length};
    return FRAMES_PIECE;
}

enum err frames_write(struct frames *frames, unsigned opcode, bool final, const char *bytes, size_t length)
{
    enum err err = buf_reserve(&frames->out, HEADER_MAX + length);
    if (err)
        return err;
    struct wslay_frame_iocb frame = {.fin = final,
                                     .opcode = (uint8_t)opcode,
                                     .payload_length = length,
                                     .data = (const uint8_t *)bytes,
                                     .data_length = length};
    CHECK(wslay_frame_send(frames->wslay, &frame) == (ssize_t)length);
    return ERR_OK;
}
