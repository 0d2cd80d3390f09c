#include "http/aside.h"

#include <string.h>

#include "base/check.h"

void aside_put(struct aside *aside, const char *bytes, size_t length)
{
    CHECK(aside->length + length <= sizeof aside->bytes);
    memcpy(aside->bytes + aside->length, bytes, length);
    aside->length = (uint8_t)(aside->length + length);
}

size_t aside_take(struct aside *aside, char *out, size_t room)
{
    size_t left = (size_t)(aside->length - aside->at);
    size_t run = left < room ? left : room;
    memcpy(out, aside->bytes + aside->at, run);
    aside->at = (uint8_t)(aside->at + run);
    if (aside->at == aside->length)
        aside->at = aside->length = 0;
    return run;
}
