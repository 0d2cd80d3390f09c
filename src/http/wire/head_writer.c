#include "http/wire/head_writer.h"

#include <microhttpd.h>
#include <string.h>

#include "base/format.h"
#include "http/connection/io_thread_state.h"
#include "http/wire/date.h"

enum {
    OWN_BYTES =
        320, /* more than the status line and tandem's own fields take, but for Content-Type and Server-Timing */
};

#define PUT_LITERAL(out, literal) put(out, literal, sizeof(literal) - 1)

static char *put(char *out, const char *bytes, size_t length)
{
    memcpy(out, bytes, length);
    return out + length;
}

static char *put_field(char *out, const char *name, size_t name_bytes, const char *value)
{
    out = put(out, name, name_bytes);
    out = PUT_LITERAL(out, ": ");
    out = put(out, value, strlen(value));
    return PUT_LITERAL(out, "\r\n");
}

size_t head_writer_room(const struct reply *reply, const struct head_style *style)
{
    return OWN_BYTES + reply->fields.lines.length + (reply->type ? strlen(reply->type) : 0) +
           (style->timing ? strlen(style->timing) : 0);
}

static char *put_status(char *out, unsigned status)
{
    if (status == 200)
        return PUT_LITERAL(out, "HTTP/1.1 200 OK\r\n");
    size_t reason_bytes = MHD_get_reason_phrase_len_for(status);
    out = PUT_LITERAL(out, "HTTP/1.1 ");
    out += format_digits(out, status);
    *out++ = ' ';
    out = reason_bytes ? put(out, MHD_get_reason_phrase_for(status), reason_bytes)
                       : PUT_LITERAL(out, "Non-Standard Status");
    return PUT_LITERAL(out, "\r\n");
}

static char *put_framing(char *out, const struct reply *reply, enum framing framing)
{
    if (framing == FRAMING_CHUNKED)
        return PUT_LITERAL(out, "Transfer-Encoding: chunked\r\n");
    if (framing != FRAMING_LENGTH)
        return out;
    out = PUT_LITERAL(out, "Content-Length: ");
    out += format_digits(out, reply->length != REPLY_LENGTH_OPEN ? reply->length : reply->body_bytes);
    return PUT_LITERAL(out, "\r\n");
}

char *head_writer_write(struct io_thread *io_thread, const struct reply *reply, const struct head_style *style,
                        char *out)
{
    const struct fields *fields = &reply->fields;
    out = put_status(out, reply->status);
    if (reply->type)
        out = put_field(out, "Content-Type", sizeof "Content-Type" - 1, reply->type);
    if (fields->lines.length)
        out = put(out, fields->lines.bytes, fields->lines.length);
    if (!fields->has_server)
        out = PUT_LITERAL(out, "Server: " SERVER_NAME "\r\n");
    if (!fields->has_date)
        out = put(out, date_line(io_thread), DATE_LINE_BYTES);
    if (style->timing)
        out = put_field(out, "Server-Timing", sizeof "Server-Timing" - 1, style->timing);
    if (reply->status == MHD_HTTP_SWITCHING_PROTOCOLS)
        out = PUT_LITERAL(out, "Connection: Upgrade\r\n");
    else if (style->closes)
        out = PUT_LITERAL(out, "Connection: close\r\n");
    else if (style->keeps)
        out = PUT_LITERAL(out, "Connection: Keep-Alive\r\n");
    out = put_framing(out, reply, style->framing);
    return PUT_LITERAL(out, "\r\n");
}
