#include "http/client.h"

#include "assertions.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

char client_head[80 * 1024], client_body[256 * 1024];

int client_connect(const char *url)
{
    unsigned port;
    ck_assert_int_eq(sscanf(url, "http://127.0.0.1:%u", &port), 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    struct timeval limit = {.tv_sec = 10};
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    return fd;
}

void client_send_bytes(int fd, const char *bytes, size_t length)
{
    ck_assert_int_eq(send(fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

void client_send(int fd, const char *text)
{
    client_send_bytes(fd, text, strlen(text));
}

static void read_exactly(int fd, char *out, size_t length)
{
    for (size_t got = 0; got < length;) {
        ssize_t more = recv(fd, out + got, length - got, 0);
        ck_assert_msg(more > 0, "the response ends after %zu bytes of %zu", got, length);
        got += (size_t)more;
    }
}

/* Reads one byte at a time, so that the bytes after the head are left for the next read. */
unsigned client_read_head(int fd)
{
    size_t length = 0;
    unsigned status;
    memset(client_head, 0, sizeof client_head);
    while (length < 4 || memcmp(client_head + length - 4, "\r\n\r\n", 4) != 0) {
        ck_assert_uint_lt(length + 1, sizeof client_head);
        read_exactly(fd, client_head + length++, 1);
    }
    ck_assert_msg(sscanf(client_head, "HTTP/1.1 %u ", &status) == 1, "%s", client_head);
    return status;
}

unsigned client_read(int fd)
{
    size_t body_bytes;
    unsigned status = client_read_head(fd);
    const char *field = strstr(client_head, "\r\nContent-Length: ");
    ck_assert_msg(field && sscanf(field, " Content-Length: %zu", &body_bytes) == 1, "%s", client_head);
    ck_assert_uint_lt(body_bytes, sizeof client_body);
    read_exactly(fd, client_body, body_bytes);
    client_body[body_bytes] = '\0';
    return status;
}

void client_expect_answer(int fd, unsigned status, const char *body)
{
    ck_assert_uint_eq(client_read(fd), status);
    if (body)
        ck_assert_str_eq(client_body, body);
}

void client_expect_line(const char *line)
{
    char between_ends[200];
    snprintf(between_ends, sizeof between_ends, "\r\n%s\r\n", line);
    ck_assert_msg(strstr(client_head, between_ends), "no %s in %s", line, client_head);
}

void client_expect_closed(int fd)
{
    char byte;
    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

void client_reset(int fd)
{
    struct linger at_once = {.l_onoff = 1};
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(fd);
}
