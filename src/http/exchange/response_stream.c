#include "http/exchange/response_stream.h"

#include <string.h>

#include "core/stream.h"

/* RFC 9112, 7.1: four hexadecimal digits suffice for the largest piece. */
enum {
    SIZE_BYTES = sizeof "0000\r\n" - 1,
    CHUNK_BYTES = SIZE_BYTES + sizeof "\r\n" - 1, /* beside the data */
    PIECE_MAX = 0xffff,
};
static const char last_chunk[] = "0\r\n\r\n";

/* Makes a chunk of length bytes of data at out + SIZE_BYTES. Returns the size of the chunk. */
static size_t make_chunk(char *out, size_t length)
{
    unsigned digits = length > 0xfff ? 4 : length > 0xff ? 3 : length > 0xf ? 2 : 1;
    for (unsigned i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[length >> 4 * (digits - 1 - i) & 15];
    memcpy(out + digits, "\r\n", 2);
    memmove(out + digits + 2, out + SIZE_BYTES, length);
    memcpy(out + digits + 2 + length, "\r\n", 2);
    return digits + 2 + length + 2;
}

/* Returns how many bytes are still to come of a stream of known length. */
static uint64_t bytes_to_come(const struct reply *reply)
{
    return reply->length == REPLY_LENGTH_OPEN ? UINT64_MAX : reply->length - reply->body_bytes;
}

static enum response_stream_state end(struct reply *reply)
{
    reply->stream->ops->close(reply->stream);
    reply->stream = NULL;
    return RESPONSE_STREAM_ENDED;
}

enum response_stream_state response_stream_take(struct reply *reply, bool chunked, char *out, size_t room,
                                                size_t *bytes)
{
    *bytes = 0;
    uint64_t to_come = bytes_to_come(reply);
    if (to_come == 0)
        return end(reply);
    char *data = out + (chunked ? SIZE_BYTES : 0);
    size_t most = chunked ? room - CHUNK_BYTES : room;
    if (most > PIECE_MAX)
        most = PIECE_MAX;
    if (most > to_come)
        most = (size_t)to_come;
    ssize_t got = reply->stream->ops->next(reply->stream, data, most);
    if (got == STREAM_NOTHING_YET)
        return RESPONSE_STREAM_WAITS;
    if (got < 0 && (got != STREAM_END || reply->length != REPLY_LENGTH_OPEN))
        return RESPONSE_STREAM_BROKEN;
    if (got == STREAM_END) {
        *bytes = chunked ? sizeof last_chunk - 1 : 0;
        memcpy(out, last_chunk, *bytes);
        return end(reply);
    }
    reply->body_bytes += (size_t)got;
    *bytes = chunked ? make_chunk(out, (size_t)got) : (size_t)got;
    return RESPONSE_STREAM_MORE;
}
