#include "http/parse/body_framing.h"

#include "base/hex.h"

enum { SIZE_DIGITS_MAX = 15, TRAILER_MAX = 16 * 1024 };

void body_framing_none(struct body_framing *body_framing)
{
    *body_framing = (struct body_framing){.state = BODY_FRAMING_NONE};
}

void body_framing_length(struct body_framing *body_framing, uint64_t bytes)
{
    *body_framing = (struct body_framing){.state = bytes ? BODY_FRAMING_LENGTH : BODY_FRAMING_NONE, .left = bytes};
}

void body_framing_chunked(struct body_framing *body_framing, uint64_t max_bytes)
{
    *body_framing = (struct body_framing){.state = CHUNK_SIZE, .max_bytes = max_bytes};
}

/* Drops one byte of an extension or a trailer. TRAILER_MAX bounds them, so a client cannot send them without end. */
static enum body_framing_status drop(struct body_framing *body_framing)
{
    return ++body_framing->trailer_bytes > TRAILER_MAX ? BODY_FRAMING_TOO_LARGE : BODY_FRAMING_MORE;
}

static enum body_framing_status expect(struct body_framing *body_framing, char c, char expected,
                                       enum body_framing_state next)
{
    if (c != expected)
        return BODY_FRAMING_MALFORMED;
    body_framing->state = next;
    return BODY_FRAMING_MORE;
}

/* The size has ended: nothing but spaces may be between it and an extension, or the line's end. */
static enum body_framing_status after_size(struct body_framing *body_framing, char c)
{
    if (c == '\r')
        body_framing->state = CHUNK_SIZE_LF;
    else if (c == ';')
        body_framing->state = CHUNK_EXTENSION;
    else if (c == ' ' || c == '\t')
        body_framing->state = CHUNK_SIZE_SPACE;
    else
        return BODY_FRAMING_MALFORMED;
    return BODY_FRAMING_MORE;
}

static enum body_framing_status on_size_byte(struct body_framing *body_framing, char c)
{
    int digit = hex_digit(c);
    if (digit >= 0) {
        if (++body_framing->size_digits > SIZE_DIGITS_MAX)
            return BODY_FRAMING_TOO_LARGE;
        body_framing->left = body_framing->left << 4 | (uint64_t)digit;
        return BODY_FRAMING_MORE;
    }
    if (body_framing->size_digits == 0)
        return BODY_FRAMING_MALFORMED;
    return after_size(body_framing, c);
}

/* Ends the size line of a chunk. */
static enum body_framing_status on_size(struct body_framing *body_framing)
{
    body_framing->size_digits = 0;
    body_framing->body_bytes += body_framing->left;
    if (body_framing->left > body_framing->max_bytes || body_framing->body_bytes > body_framing->max_bytes)
        return BODY_FRAMING_TOO_LARGE;
    body_framing->state = body_framing->left ? CHUNK_DATA : TRAILER_START;
    return BODY_FRAMING_MORE;
}

/* Takes one byte of the chunked coding that is not chunk data. */
static enum body_framing_status on_coding_byte(struct body_framing *body_framing, char c)
{
    enum body_framing_status status;
    switch (body_framing->state) {
    case CHUNK_SIZE:
        return on_size_byte(body_framing, c);
    case CHUNK_SIZE_SPACE:
        status = drop(body_framing);
        return status == BODY_FRAMING_MORE ? after_size(body_framing, c) : status;
    case CHUNK_EXTENSION:
        if (c == '\r')
            body_framing->state = CHUNK_SIZE_LF;
        return c == '\n' ? BODY_FRAMING_MALFORMED : drop(body_framing);
    case CHUNK_SIZE_LF:
        status = expect(body_framing, c, '\n', CHUNK_DATA);
        return status == BODY_FRAMING_MORE ? on_size(body_framing) : status;
    case CHUNK_DATA_CR:
        return expect(body_framing, c, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF:
        return expect(body_framing, c, '\n', CHUNK_SIZE);
    case TRAILER_START:
        body_framing->state = c == '\r' ? TRAILER_END_LF : TRAILER_LINE;
        return c == '\n' ? BODY_FRAMING_MALFORMED : drop(body_framing);
    case TRAILER_LINE:
        if (c == '\r')
            body_framing->state = TRAILER_LF;
        return c == '\n' ? BODY_FRAMING_MALFORMED : drop(body_framing);
    case TRAILER_LF:
        return expect(body_framing, c, '\n', TRAILER_START);
    default: /* TRAILER_END_LF */
        status = expect(body_framing, c, '\n', BODY_FRAMING_NONE);
        return status == BODY_FRAMING_MORE ? BODY_FRAMING_END : status;
    }
}

/* Takes the run of body bytes that begins here, at most to the end of the body or chunk. Returns its length. */
static size_t take_run(struct body_framing *body_framing, size_t in_bytes)
{
    size_t run = in_bytes < body_framing->left ? in_bytes : (size_t)body_framing->left;
    body_framing->left -= run;
    if (body_framing->left == 0)
        body_framing->state = body_framing->state == BODY_FRAMING_LENGTH ? BODY_FRAMING_NONE : CHUNK_DATA_CR;
    return run;
}

enum body_framing_status body_framing_take(struct body_framing *body_framing, const char *in, size_t *in_bytes,
                                           size_t *body_bytes)
{
    size_t taken = 0, run = 0;
    enum body_framing_status status = BODY_FRAMING_MORE;
    while (status == BODY_FRAMING_MORE && taken < *in_bytes && run == 0) {
        if (body_framing->state != BODY_FRAMING_LENGTH && body_framing->state != CHUNK_DATA) {
            status = on_coding_byte(body_framing, in[taken++]);
            continue;
        }
        run = take_run(body_framing, *in_bytes - taken);
        taken += run;
        if (body_framing->state == BODY_FRAMING_NONE)
            status = BODY_FRAMING_END;
    }
    *in_bytes = taken;
    *body_bytes = run;
    return status;
}
