#include "http/websocket/handshake.h"

#include <openssl/evp.h>
#include <string.h>

enum { KEY_BYTES = 24 };

#define KEY_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455, 1.3 */

/* Finds the only field of that name. False: there is none, or more than one. */
static bool find_one(const struct request *request, const char *name, struct field *out)
{
    unsigned found = 0;
    struct field field;
    for (size_t at = request->fields_at; request_next_field_named(request, name, &at, &field); found++)
        *out = field;
    return found == 1;
}

/* True if the value is 16 bytes in base64: 22 digits and the padding. */
static bool is_key(const struct field *field)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (field->value_bytes != KEY_BYTES || memcmp(field->value + KEY_BYTES - 2, "==", 2) != 0)
        return false;
    for (size_t i = 0; i < KEY_BYTES - 2; i++)
        if (!memchr(digits, field->value[i], sizeof digits - 1))
            return false;
    return true;
}

bool handshake_check(struct request *request)
{
    struct field field;
    if (!find_one(request, "Sec-WebSocket-Version", &field) || field.value_bytes != 2 ||
        memcmp(field.value, "13", 2) != 0) {
        reply_error(&request->reply, 426, REFUSED_NOT, "websockets of version 13 are served here: RFC 6455");
        reply_add_field(&request->reply, "Upgrade", "websocket");
        reply_add_field(&request->reply, "Sec-WebSocket-Version", "13");
        return false;
    }
    if (!find_one(request, "Sec-WebSocket-Key", &field) || !is_key(&field)) {
        reply_error(&request->reply, 400, REFUSED_NOT, "Sec-WebSocket-Key is not one field of 16 bytes in base64");
        return false;
    }
    return true;
}

bool handshake_accept(const struct request *request, char out[HANDSHAKE_ACCEPT_BYTES])
{
    struct field key;
    char text[KEY_BYTES + sizeof KEY_GUID - 1];
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t digest_bytes;
    if (!find_one(request, "Sec-WebSocket-Key", &key) || key.value_bytes != KEY_BYTES)
        return false;
    memcpy(text, key.value, KEY_BYTES);
    memcpy(text + KEY_BYTES, KEY_GUID, sizeof KEY_GUID - 1);
    if (!EVP_Q_digest(NULL, "SHA1", NULL, text, sizeof text, digest, &digest_bytes))
        return false;
    return EVP_EncodeBlock((unsigned char *)out, digest, (int)digest_bytes) == HANDSHAKE_ACCEPT_BYTES - 1;
}
