/* A few bytes that are to go out next, whole or in parts. Zeroed memory is none. */
#ifndef TANDEM_HTTP_ASIDE_H
#define TANDEM_HTTP_ASIDE_H

#include <stddef.h>
#include <stdint.h>

struct aside {
    uint8_t at;
    uint8_t length;
    char bytes[190];
};

/* There is room for them. */
void aside_put(struct aside *aside, const char *bytes, size_t length);

#define ASIDE_PUT_LITERAL(aside, literal) aside_put(aside, literal, sizeof(literal) - 1)

/* As many as there are, and room is there for. Returns how many. */
size_t aside_take(struct aside *aside, char *out, size_t room);

#endif
