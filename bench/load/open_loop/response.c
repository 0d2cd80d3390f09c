#include "response.h"

#include <string.h>
#include <strings.h>

void response_reset(struct response *response)
{
    response->part = PART_HEAD;
    response->status = 0;
    response->keep_alive = true;
    response->left = 0;
    response->gathered = 0;
}

/* A number without sign or space around it, in base 10 or 16. */
static bool read_number(const char *text, size_t length, unsigned base, uint64_t *out)
{
    uint64_t value = 0;
    if (length == 0 || length > 15)
        return false;
    for (size_t i = 0; i < length; i++) {
        const char *digits = "0123456789abcdef", *digit = memchr(digits, text[i] | 0x20, base);
        if (!digit)
            return false;
        value = value * base + (uint64_t)(digit - digits);
    }
    *out = value;
    return true;
}

static bool read_status_line(struct response *response, const char *line, size_t length)
{
    uint64_t status;
    if (length < 12 || memcmp(line, "HTTP/1.", 7) != 0 || (line[7] != '0' && line[7] != '1') || line[8] != ' ')
        return false;
    if (!read_number(line + 9, 3, 10, &status) || (length > 12 && line[12] != ' '))
        return false;
    response->status = (int)status;
    response->keep_alive = line[7] == '1';
    return status >= 200 && status <= 599;
}

static bool is(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

struct framing {
    bool has_length, chunked;
    uint64_t length;
};

static bool read_field(struct response *response, struct framing *framing, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    if (!colon || colon == line)
        return false;
    const char *value = colon + 1, *end = line + length;
    size_t name_length = (size_t)(colon - line);
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    size_t value_length = (size_t)(end - value);

    if (is(line, name_length, "Content-Length")) {
        if (framing->has_length || !read_number(value, value_length, 10, &framing->length))
            return false;
        framing->has_length = true;
    } else if (is(line, name_length, "Transfer-Encoding")) {
        if (framing->chunked || !is(value, value_length, "chunked"))
            return false;
        framing->chunked = true;
    } else if (is(line, name_length, "Connection")) {
        if (is(value, value_length, "close"))
            response->keep_alive = false;
        else if (is(value, value_length, "keep-alive"))
            response->keep_alive = true;
    }
    return true;
}

/* The head is in text, with its blank line. Sets the part that follows. */
static bool read_head(struct response *response)
{
    struct framing framing = {0};
    const char *line = response->text, *end = response->text + response->gathered - 2;
    for (bool first = true; line < end; first = false) {
        const char *line_end = memmem(line, (size_t)(end - line), "\r\n", 2);
        size_t length = (size_t)(line_end - line);
        if (!(first ? read_status_line(response, line, length) : read_field(response, &framing, line, length)))
            return false;
        line = line_end + 2;
    }
    if (framing.has_length && framing.chunked)
        return false;
    response->gathered = 0;
    response->left = framing.length;
    if (framing.chunked)
        response->part = PART_CHUNK_SIZE;
    else if (response->status == 204 || response->status == 304 || (framing.has_length && framing.length == 0))
        response->part = PART_DONE;
    else
        response->part = PART_BODY;
    return response->part != PART_BODY || framing.has_length;
}

/* Gathers bytes until they end with end; how many were taken, 0 where there is no room for them. */
static size_t gather(struct response *response, const char *data, size_t length, const char *end, bool *whole)
{
    size_t end_length = strlen(end), before = response->gathered, room = RESPONSE_HEAD_BYTES - before;
    size_t taken = length < room ? length : room;
    memcpy(response->text + before, data, taken);
    size_t from = before < end_length - 1 ? 0 : before - (end_length - 1);
    const char *found = memmem(response->text + from, before + taken - from, end, end_length);
    *whole = found != NULL;
    response->gathered = found ? (size_t)(found - response->text) + end_length : before + taken;
    return response->gathered - before;
}

/* The size of a chunk is in text, with its line end. An extension is not known. */
static bool read_chunk_size(struct response *response)
{
    if (!read_number(response->text, response->gathered - 2, 16, &response->left))
        return false;
    response->part = response->left > 0 ? PART_CHUNK : PART_LAST_END;
    response->gathered = 0;
    return true;
}

static size_t skip(struct response *response, size_t length, enum response_part next)
{
    size_t taken = length < response->left ? length : (size_t)response->left;
    response->left -= taken;
    if (response->left == 0)
        response->part = next;
    return taken;
}

/* The line end after a chunk, or after the last one: nothing but that. */
static bool read_line_end(struct response *response, enum response_part next)
{
    if (response->gathered != 2)
        return false;
    response->gathered = 0;
    response->part = next;
    return true;
}

/* One step on; the number of bytes taken, 0 where it is broken. */
static size_t step(struct response *response, const char *data, size_t length)
{
    if (response->part == PART_BODY)
        return skip(response, length, PART_DONE);
    if (response->part == PART_CHUNK)
        return skip(response, length, PART_CHUNK_END);
    bool whole, fine = true;
    size_t taken = gather(response, data, length, response->part == PART_HEAD ? "\r\n\r\n" : "\r\n", &whole);
    if (!whole)
        return taken;
    if (response->part == PART_HEAD)
        fine = read_head(response);
    else if (response->part == PART_CHUNK_SIZE)
        fine = read_chunk_size(response);
    else
        fine = read_line_end(response, response->part == PART_CHUNK_END ? PART_CHUNK_SIZE : PART_DONE);
    return fine ? taken : 0;
}

enum response_progress response_feed(struct response *response, const char *data, size_t length)
{
    while (length > 0) {
        size_t taken = response->part == PART_DONE ? 0 : step(response, data, length);
        if (taken == 0)
            return RESPONSE_BROKEN;
        data += taken;
        length -= taken;
    }
    return response->part == PART_DONE ? RESPONSE_DONE : RESPONSE_MORE;
}
