/* The head of a request, read strictly: RFC 9112, 3 (request line), 5 (fields), 6 (body framing).
 *
 * Bytes come in as the network brings them; the scanner takes whole lines and remembers where it was, so a head that
 * comes a byte at a time costs no more than one that comes whole. It is stricter than the RFC demands of a server where
 * leniency lets two parties disagree on where a request ends: lines end with CRLF only, no folded lines, one
 * Content-Length or one "Transfer-Encoding: chunked", no white space before a colon, no control bytes. */
#ifndef TANDEM_HTTP_HEAD_H
#define TANDEM_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes of the head, by its place in it. */
struct span {
    uint32_t at;
    uint32_t length;
};

struct head {
    /* The scanner's place. */
    uint32_t scanned; /* no line ends before here */
    uint32_t line;    /* where the line being read begins */
    bool has_request_line;

    /* What was read; whole after HEAD_WHOLE. */
    uint32_t bytes; /* of the head, the blank line included */
    struct span method;
    struct span target;
    uint32_t fields_at;       /* where the first field's line begins */
    struct span content_type; /* length 0: none */
    uint64_t content_length;
    uint8_t minor_version; /* HTTP/1.0 or 1.1 */
    bool has_host;
    bool has_content_length;
    bool chunked;
    bool close;
    bool keep_alive;
    bool upgrade;   /* Connection has it */
    bool websocket; /* Upgrade has it */
    bool expects_continue;
};

enum head_status { HEAD_PARTIAL, HEAD_WHOLE, HEAD_REFUSED };

/* Why a head is refused. */
struct head_refusal {
    unsigned status; /* 400, 413, 417, 431 or 505 */
    const char *reason;
};

enum { CONTENT_TYPE_MAX = 2048 };

/* Scans bytes[0, length), which begins with the head. head: zeroed at first, then as this function left it, with the
 * same bytes and more behind them. max_bytes: of the whole head. refusal: set on HEAD_REFUSED. */
enum head_status head_scan(struct head *head, const char *bytes, size_t length, size_t max_bytes,
                           struct head_refusal *refusal);

#endif
