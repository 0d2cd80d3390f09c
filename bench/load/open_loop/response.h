/* One HTTP/1.1 response at a time, read as it comes in. Strict: what it does not know is broken, never guessed at.
 *
 * It knows a status line, a Content-Length, chunks (without trailers), keep-alive, and the statuses that have no body.
 * A body that ends where the connection ends, an interim response and anything after the response are broken. */
#ifndef OPEN_LOOP_RESPONSE_H
#define OPEN_LOOP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESPONSE_HEAD_BYTES = 8192 };

enum response_progress { RESPONSE_MORE, RESPONSE_DONE, RESPONSE_BROKEN };

enum response_part { PART_HEAD, PART_BODY, PART_CHUNK_SIZE, PART_CHUNK, PART_CHUNK_END, PART_LAST_END, PART_DONE };

struct response {
    enum response_part part;
    int status;
    bool keep_alive;
    uint64_t left;   /* of the body, or of the chunk */
    size_t gathered; /* bytes of the head, or of the line of a chunk, in text */
    char text[RESPONSE_HEAD_BYTES];
};

/* Ready for the next one. */
void response_reset(struct response *response);

/* Takes what came in, all of it unless it is broken. status and keep_alive are known at RESPONSE_DONE. */
enum response_progress response_feed(struct response *response, const char *data, size_t length);

#endif
