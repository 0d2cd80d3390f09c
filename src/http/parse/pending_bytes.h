/* A small buffer of bytes that go out next, at once or in parts. Zeroed memory is an empty buffer. */
#ifndef TANDEM_HTTP_PARSE_PENDING_BYTES_H
#define TANDEM_HTTP_PARSE_PENDING_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct pending_bytes {
    uint8_t at;
    uint8_t length;
    char bytes[190];
};

/* Appends the bytes, for which there must be room. Bytes that were taken occupy their room until all are taken. */
void pending_bytes_put(struct pending_bytes *pending_bytes, const char *bytes, size_t length);

#define PENDING_BYTES_PUT_LITERAL(pending_bytes, literal) pending_bytes_put(pending_bytes, literal, sizeof(literal) - 1)

/* Moves at most room bytes to out. Returns how many. */
size_t pending_bytes_take(struct pending_bytes *pending_bytes, char *out, size_t room);

#endif
