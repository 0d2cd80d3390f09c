#include "http/parse/pending_bytes.h"

#include <string.h>

#include "base/check.h"

void pending_bytes_put(struct pending_bytes *pending_bytes, const char *bytes, size_t length)
{
    CHECK(pending_bytes->length + length <= sizeof pending_bytes->bytes);
    memcpy(pending_bytes->bytes + pending_bytes->length, bytes, length);
    pending_bytes->length = (uint8_t)(pending_bytes->length + length);
}

size_t pending_bytes_take(struct pending_bytes *pending_bytes, char *out, size_t room)
{
    size_t left = (size_t)(pending_bytes->length - pending_bytes->at);
    size_t run = left < room ? left : room;
    memcpy(out, pending_bytes->bytes + pending_bytes->at, run);
    pending_bytes->at = (uint8_t)(pending_bytes->at + run);
    if (pending_bytes->at == pending_bytes->length)
        pending_bytes->at = pending_bytes->length = 0;
    return run;
}
