#include "http/framing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http/hex.h"

enum { SIZE_DIGITS_MAX = 15, TRAILER_MAX = 16 * 1024 };

void framing_none(struct framing *framing)
{
    *framing = (struct framing){.state = FRAMING_NONE};
}

void framing_length(struct framing *framing, uint64_t bytes)
{
    *framing = (struct framing){.state = bytes ? FRAMING_LENGTH : FRAMING_NONE, .left = bytes};
}

void framing_chunked(struct framing *framing, uint64_t max_bytes)
{
    *framing = (struct framing){.state = CHUNK_SIZE, .max_bytes = max_bytes};
}

/* Extension and trailer bytes are dropped, but not without end. */
static enum framing_status drop(struct framing *framing)
{
    return ++framing->trailer_bytes > TRAILER_MAX ? FRAMING_TOO_LARGE : FRAMING_MORE;
}

static enum framing_status expect(struct framing *framing, char c, char expected, enum framing_state next)
{
    if (c != expected)
        return FRAMING_MALFORMED;
    framing->state = next;
    return FRAMING_MORE;
}

static enum framing_status on_size_byte(struct framing *framing, char c)
{
    int digit = hex_digit(c);
    if (digit >= 0) {
        if (++framing->size_digits > SIZE_DIGITS_MAX)
            return FRAMING_TOO_LARGE;
        framing->left = framing->left << 4 | (uint64_t)digit;
        return FRAMING_MORE;
    }
    if (framing->size_digits == 0)
        return FRAMING_MALFORMED;
    if (c == '\r')
        framing->state = CHUNK_SIZE_LF;
    else if (c == ';' || c == ' ' || c == '\t')
        framing->state = CHUNK_EXTENSION;
    else
        return FRAMING_MALFORMED;
    return FRAMING_MORE;
}

/* The size line is whole. */
static enum framing_status on_size(struct framing *framing, struct aside *aside)
{
    framing->size_digits = 0;
    framing->body_bytes += framing->left;
    if (framing->left > framing->max_bytes || framing->body_bytes > framing->max_bytes)
        return FRAMING_TOO_LARGE;
    framing->state = framing->left ? CHUNK_DATA : TRAILER_START;
    aside->length = (uint8_t)snprintf(aside->bytes, sizeof aside->bytes, "%" PRIx64 "\r\n", framing->left);
    return FRAMING_MORE;
}

/* One byte of chunked coding that is not data. */
static enum framing_status on_coding_byte(struct framing *framing, char c, struct aside *aside)
{
    enum framing_status status;
    switch (framing->state) {
    case CHUNK_SIZE:
        return on_size_byte(framing, c);
    case CHUNK_EXTENSION:
        if (c == '\r')
            framing->state = CHUNK_SIZE_LF;
        return c == '\n' ? FRAMING_MALFORMED : drop(framing);
    case CHUNK_SIZE_LF:
        status = expect(framing, c, '\n', CHUNK_DATA);
        return status == FRAMING_MORE ? on_size(framing, aside) : status;
    case CHUNK_DATA_CR:
        return expect(framing, c, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF:
        status = expect(framing, c, '\n', CHUNK_SIZE);
        break;
    case TRAILER_START:
        framing->state = c == '\r' ? TRAILER_END_LF : TRAILER_LINE;
        return c == '\n' ? FRAMING_MALFORMED : drop(framing);
    case TRAILER_LINE:
        if (c == '\r')
            framing->state = TRAILER_LF;
        return c == '\n' ? FRAMING_MALFORMED : drop(framing);
    case TRAILER_LF:
        return expect(framing, c, '\n', TRAILER_START);
    default: /* TRAILER_END_LF */
        status = expect(framing, c, '\n', FRAMING_NONE);
        if (status == FRAMING_MORE)
            status = FRAMING_END;
        break;
    }
    if (status != FRAMING_MALFORMED) {
        memcpy(aside->bytes, "\r\n", 2);
        aside->length = 2;
    }
    return status;
}

/* Copies what it can of the body or the chunk. */
static size_t pass_data(struct framing *framing, const char *in, size_t in_bytes, char *out, size_t out_bytes)
{
    size_t run = in_bytes < out_bytes ? in_bytes : out_bytes;
    if (run > framing->left)
        run = (size_t)framing->left;
    memcpy(out, in, run);
    framing->left -= run;
    if (framing->left == 0)
        framing->state = framing->state == FRAMING_LENGTH ? FRAMING_NONE : CHUNK_DATA_CR;
    return run;
}

enum framing_status framing_pass(struct framing *framing, const char *in, size_t *in_bytes, char *out,
                                 size_t *out_bytes, struct aside *aside)
{
    size_t taken = 0, put = 0;
    enum framing_status status = FRAMING_MORE;
    while (status == FRAMING_MORE && taken < *in_bytes && put < *out_bytes && aside->length == 0) {
        if (framing->state == FRAMING_LENGTH || framing->state == CHUNK_DATA) {
            size_t run = pass_data(framing, in + taken, *in_bytes - taken, out + put, *out_bytes - put);
            taken += run;
            put += run;
            if (framing->state == FRAMING_NONE)
                status = FRAMING_END;
        } else {
            status = on_coding_byte(framing, in[taken++], aside);
        }
    }
    *in_bytes = taken;
    *out_bytes = put;
    return status;
}
