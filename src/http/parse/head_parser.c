#include "http/parse/head_parser.h"

#include <string.h>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/token.h"

static enum head_status refuse(struct head_refusal *refusal, unsigned status, const char *reason)
{
    *refusal = (struct head_refusal){status, reason};
    return HEAD_REFUSED;
}

/* True if all bytes are visible ASCII characters. The loop has no early exit, so that the compiler makes it one over
 * vectors. */
static bool is_visible(const char *bytes, size_t length)
{
    unsigned char invalid = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        invalid |= (unsigned char)((c < 0x21) | (c > 0x7e));
    }
    return !invalid;
}

/* Returns NULL, or the reason why the request target is refused. */
static const char *target_fault(const char *target, size_t length)
{
    if (!is_visible(target, length))
        return "the request target has a byte that must be percent-encoded";
    const char *query = memchr(target, '?', length), *end = query ? query : target + length, *at = target;
    while ((at = memchr(at, '%', (size_t)(end - at)))) {
        if (end - at < 3 || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0)
            return "the path has a % that two hexadecimal digits do not follow";
        if (at[1] == '0' && at[2] == '0')
            return "the path has a percent-encoded NUL";
        at++;
    }
    return NULL;
}

/* Handles the absolute form (RFC 9112, 3.2.2), of which only path and query matter to this server. Returns NULL and
 * sets *path to where they begin, or returns the reason why the target is refused. */
static const char *absolute_form_fault(const char *target, size_t length, const char **path)
{
    static const size_t scheme = sizeof "http://" - 1;
    if (length <= scheme || !ascii_equals(target, scheme, "http://"))
        return "the request target does not begin with / or http://";
    size_t at = scheme;
    while (at < length && target[at] != '/' && target[at] != '?')
        at++;
    /* RFC 9110, 4.2.1: an empty host is invalid. */
    if (at == scheme || target[scheme] == ':')
        return "the request target has no host";
    if (at == length || target[at] == '?')
        return "the request target has no path";
    *path = target + at;
    return NULL;
}

/* RFC 9112, 3: method SP target SP version. */
static enum head_status scan_request_line(struct head *head, const char *bytes, size_t at, size_t length,
                                          struct head_refusal *refusal)
{
    const char *line = bytes + at;
    size_t method = token_length(line, length);
    if (method == 0 || method > 32 || method == length || line[method] != ' ')
        return refuse(refusal, 400, "the request line does not begin with a method and a space");
    const char *target = line + method + 1;
    const char *space = memchr(target, ' ', length - method - 1);
    if (!space || space == target)
        return refuse(refusal, 400, "the request line is not: method, target, version, with one space between");
    size_t target_length = (size_t)(space - target);
    const char *version = space + 1;
    if ((size_t)(line + length - version) != 8 || memcmp(version, "HTTP/", 5) != 0 || version[6] != '.' ||
        version[5] < '0' || version[5] > '9' || version[7] < '0' || version[7] > '9')
        return refuse(refusal, 400, "the request line does not end with HTTP/1.1 or HTTP/1.0");
    if (version[5] != '1')
        return refuse(refusal, 505, "only HTTP/1.1 and HTTP/1.0 are served here");
    const char *fault = target_fault(target, target_length);
    if (fault)
        return refuse(refusal, 400, fault);

    bool asterisk = target_length == 1 && *target == '*' && ascii_equals(line, method, "OPTIONS");
    if (*target != '/' && !asterisk) {
        const char *path;
        fault = absolute_form_fault(target, target_length, &path);
        if (fault)
            return refuse(refusal, 400, fault);
        target_length = (size_t)(space - path);
        target = path;
    }
    head->method = (struct span){(uint32_t)at, (uint32_t)method};
    head->target = (struct span){(uint32_t)(target - bytes), (uint32_t)target_length};
    head->minor_version = version[7] == '0' ? 0 : 1;
    head->fields_at = (uint32_t)(at + length + sizeof "\r\n" - 1);
    head->has_request_line = true;
    return HEAD_PARTIAL;
}

static enum head_status scan_content_length(struct head *head, const char *value, size_t length,
                                            struct head_refusal *refusal)
{
    if (head->has_content_length)
        return refuse(refusal, 400, "more than one Content-Length");
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9')
            return refuse(refusal, 400, "Content-Length is not a whole number");
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(value[i] - '0'), &number))
            return refuse(refusal, 413, "Content-Length is beyond any limit");
    }
    if (length == 0)
        return refuse(refusal, 400, "Content-Length is empty");
    head->has_content_length = true;
    head->content_length = number;
    return HEAD_PARTIAL;
}

static enum head_status scan_transfer_encoding(struct head *head, const char *value, size_t length,
                                               struct head_refusal *refusal)
{
    if (head->chunked)
        return refuse(refusal, 400, "more than one Transfer-Encoding");
    if (!ascii_equals(value, length, "chunked"))
        return refuse(refusal, 400, "the only Transfer-Encoding served here is chunked");
    head->chunked = true;
    return HEAD_PARTIAL;
}

static enum head_status scan_host(struct head *head, const char *value, size_t length, struct head_refusal *refusal)
{
    if (head->has_host)
        return refuse(refusal, 400, "more than one Host");
    for (size_t i = 0; i < length; i++)
        if (!token_byte(value[i]) && !strchr(":[](),;=", value[i]))
            return refuse(refusal, 400, "Host has a byte that no host name has");
    head->has_host = true;
    return HEAD_PARTIAL;
}

/* Scans the Connection field, a list of tokens: RFC 9110, 7.6.1. */
static void scan_connection(struct head *head, const char *value, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t token = token_length(value + i, length - i);
        if (ascii_equals(value + i, token, "close"))
            head->close = true;
        else if (ascii_equals(value + i, token, "keep-alive"))
            head->keep_alive = true;
        else if (ascii_equals(value + i, token, "upgrade"))
            head->upgrade = true;
        i += token ? token : 1;
    }
}

/* Scans the Upgrade field, a list of protocols, each with an optional version after a slash: RFC 9110, 7.8. */
static void scan_upgrade(struct head *head, const char *value, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t token = token_length(value + i, length - i);
        if (ascii_equals(value + i, token, "websocket"))
            head->websocket = true;
        i += token ? token : 1;
    }
}

static enum head_status scan_known_field(struct head *head, const char *bytes, struct span name, struct span span,
                                         struct head_refusal *refusal)
{
    const char *field = bytes + name.at;
    const char *value = bytes + span.at;
    size_t length = span.length;

    switch (field[0] | 0x20) {
    case 'c':
        if (ascii_equals(field, name.length, "content-length"))
            return scan_content_length(head, value, length, refusal);
        if (ascii_equals(field, name.length, "connection"))
            scan_connection(head, value, length);
        if (ascii_equals(field, name.length, "content-type") && head->content_type.length == 0) {
            if (length > CONTENT_TYPE_MAX)
                return refuse(refusal, 431, "Content-Type is over 2048 bytes");
            head->content_type = span;
        }
        break;
    case 'e':
        if (!ascii_equals(field, name.length, "expect"))
            break;
        if (!ascii_equals(value, length, "100-continue"))
            return refuse(refusal, 417, "the only expectation met here is 100-continue");
        head->expects_continue = true;
        break;
    case 'h':
        if (ascii_equals(field, name.length, "host"))
            return scan_host(head, value, length, refusal);
        break;
    case 't':
        if (ascii_equals(field, name.length, "transfer-encoding"))
            return scan_transfer_encoding(head, value, length, refusal);
        break;
    case 'u':
        if (ascii_equals(field, name.length, "upgrade"))
            scan_upgrade(head, value, length);
        break;
    default:
        break;
    }
    return HEAD_PARTIAL;
}

/* RFC 9112, 5: name ":" OWS value OWS. */
static enum head_status scan_field(struct head *head, const char *bytes, size_t at, size_t length,
                                   struct head_refusal *refusal)
{
    const char *line = bytes + at;
    if (*line == ' ' || *line == '\t')
        return refuse(refusal, 400, "a header line is folded");
    size_t name = token_length(line, length);
    if (name == 0 || name == length || line[name] != ':')
        return refuse(refusal, 400, "a header line is not: name, colon, value, without a space before the colon");
    size_t start = name + 1, end = length;
    while (start < end && (line[start] == ' ' || line[start] == '\t'))
        start++;
    while (end > start && (line[end - 1] == ' ' || line[end - 1] == '\t'))
        end--;
    if (!field_value_is_valid(line + start, end - start))
        return refuse(refusal, 400, "a header value has a control byte");
    return scan_known_field(head, bytes, (struct span){(uint32_t)at, (uint32_t)name},
                            (struct span){(uint32_t)(at + start), (uint32_t)(end - start)}, refusal);
}

/* Ends the head at the blank line, if the fields agree with each other. */
static enum head_status finish(struct head *head, size_t bytes, struct head_refusal *refusal)
{
    if (head->chunked && head->has_content_length)
        return refuse(refusal, 400, "both Content-Length and Transfer-Encoding");
    if (head->chunked && head->minor_version == 0)
        return refuse(refusal, 400, "Transfer-Encoding in HTTP/1.0");
    if (head->minor_version == 1 && !head->has_host)
        return refuse(refusal, 400, "no Host, which HTTP/1.1 demands");
    if (head->minor_version == 0)
        head->expects_continue = false; /* RFC 9110, 10.1.1 */
    head->bytes = (uint32_t)bytes;
    return HEAD_WHOLE;
}

enum head_status head_scan(struct head *head, const char *bytes, size_t length, size_t max_bytes,
                           struct head_refusal *refusal)
{
    for (;;) {
        size_t limit = length < max_bytes ? length : max_bytes;
        const char *end = head->scanned < limit ? memchr(bytes + head->scanned, '\n', limit - head->scanned) : NULL;
        if (!end) {
            head->scanned = (uint32_t)limit;
            if (length >= max_bytes)
                return refuse(refusal, 431, "the request head is over --max-header");
            if (!head->has_request_line && limit > head->line && bytes[head->line] != '\r' &&
                !token_byte(bytes[head->line]))
                return refuse(refusal, 400, "this is not HTTP: a request begins with a method");
            return HEAD_PARTIAL;
        }
        size_t at = head->line;
        size_t next = (size_t)(end - bytes) + 1;
        if (next < at + 2 || end[-1] != '\r')
            return refuse(refusal, 400, "a line ends with LF alone, not with CRLF");
        size_t line_length = next - at - 2;
        head->line = head->scanned = (uint32_t)next;

        enum head_status status = HEAD_PARTIAL;
        if (line_length > 0)
            status = head->has_request_line ? scan_field(head, bytes, at, line_length, refusal)
                                            : scan_request_line(head, bytes, at, line_length, refusal);
        else if (head->has_request_line)
            return finish(head, next, refusal);
        /* else: a blank line before the request line is ignored (RFC 9112, 2.2) */
        if (status == HEAD_REFUSED)
            return status;
    }
}

bool head_has_begun(const struct head *head, size_t length)
{
    return head->has_request_line || length > head->line;
}
