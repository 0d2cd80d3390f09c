/* A strict parser of request heads: RFC 9112, 3 (request line), 5 (fields), 6 (body framing).
 *
 * The caller passes in bytes as they arrive from the network. The parser takes whole lines and remembers its position,
 * so a head that arrives one byte at a time costs no more than one that arrives whole.
 *
 * The parser is stricter than the RFC requires wherever leniency lets two parties disagree on where a request ends:
 * lines end with CRLF only, no folded lines, one Content-Length or one "Transfer-Encoding: chunked", no white space
 * before a colon, no control bytes. */
#ifndef TANDEM_HTTP_PARSE_HEAD_PARSER_H
#define TANDEM_HTTP_PARSE_HEAD_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes of the head, by its offset. */
struct span {
    uint32_t at;
    uint32_t length;
};

struct head {
    /* The parser's position. */
    uint32_t scanned; /* the current line does not end before here */
    uint32_t line;    /* where the current line begins */
    bool has_request_line;

    /* The result; complete after HEAD_WHOLE. */
    uint32_t bytes; /* of the head, the blank lines before and after it included */
    struct span method;
    struct span target;
    uint32_t fields_at;       /* where the first field's line begins */
    struct span content_type; /* length 0: none */
    uint64_t content_length;
    uint8_t minor_version; /* 0 or 1: HTTP/1.0 or HTTP/1.1 */
    bool has_host;
    bool has_content_length;
    bool chunked;
    bool close;
    bool keep_alive;
    bool upgrade;   /* Connection lists it */
    bool websocket; /* Upgrade lists it */
    bool expects_continue;
};

enum head_status { HEAD_PARTIAL, HEAD_WHOLE, HEAD_REFUSED };

/* The status and the reason of a refusal. */
struct head_refusal {
    unsigned status;    /* 400, 413, 417, 431 or 505 */
    const char *reason; /* a literal */
};

enum { CONTENT_TYPE_MAX = 2048 };

/* Scans bytes[0, length), which begin with the head. The caller zeroes head before the first call. Later calls get it
 * as this function left it, and the same bytes with more after them. max_bytes limits the whole head. refusal is set on
 * HEAD_REFUSED only. */
enum head_status head_scan(struct head *head, const char *bytes, size_t length, size_t max_bytes,
                           struct head_refusal *refusal);

/* True if length bytes, which were scanned, have more of a head than blank lines before it. */
bool head_has_begun(const struct head *head, size_t length);

#endif
