#include "http/framing.h"

#include "base/hex.h"

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
static enum framing_status on_size(struct framing *framing)
{
    framing->size_digits = 0;
    framing->body_bytes += framing->left;
    if (framing->left > framing->max_bytes || framing->body_bytes > framing->max_bytes)
        return FRAMING_TOO_LARGE;
    framing->state = framing->left ? CHUNK_DATA : TRAILER_START;
    return FRAMING_MORE;
}

/* One byte of chunked coding that is not data. */
static enum framing_status on_coding_byte(struct framing *framing, char c)
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
        return status == FRAMING_MORE ? on_size(framing) : status;
    case CHUNK_DATA_CR:
        return expect(framing, c, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF:
        return expect(framing, c, '\n', CHUNK_SIZE);
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
        return status == FRAMING_MORE ? FRAMING_END : status;
    }
}

/* The run of the body or the chunk that begins here. */
static size_t take_run(struct framing *framing, size_t in_bytes)
{
    size_t run = in_bytes < framing->left ? in_bytes : (size_t)framing->left;
    framing->left -= run;
    if (framing->left == 0)
        framing->state = framing->state == FRAMING_LENGTH ? FRAMING_NONE : CHUNK_DATA_CR;
    return run;
}

enum framing_status framing_take(struct framing *framing, const char *in, size_t *in_bytes, size_t *body_bytes)
{
    size_t taken = 0, run = 0;
    enum framing_status status = FRAMING_MORE;
    while (status == FRAMING_MORE && taken < *in_bytes && run == 0) {
        if (framing->state != FRAMING_LENGTH && framing->state != CHUNK_DATA) {
            status = on_coding_byte(framing, in[taken++]);
            continue;
        }
        run = take_run(framing, *in_bytes - taken);
        taken += run;
        if (framing->state == FRAMING_NONE)
            status = FRAMING_END;
    }
    *in_bytes = taken;
    *body_bytes = run;
    return status;
}
