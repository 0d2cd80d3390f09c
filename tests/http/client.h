/* A client with a blocking socket, for the test's thread. */
#ifndef TANDEM_TESTS_CLIENT_H
#define TANDEM_TESTS_CLIENT_H

#include <stddef.h>

/* Returns a socket connected to the URL, "http://127.0.0.1:PORT". A read that waits longer than ten seconds fails the
 * test. */
int client_connect(const char *url);

void client_send(int fd, const char *text);
void client_send_bytes(int fd, const char *bytes, size_t length);

/* Reads one response and returns its status. The head is in client_head, the body in client_body; both are strings. */
unsigned client_read(int fd);
extern char client_head[80 * 1024], client_body[256 * 1024];

/* Reads a response without a body, whatever its head says: an interim response, or the response to HEAD. */
unsigned client_read_head(int fd);

/* Reads one response. Expects this status, and this body unless body is NULL. */
void client_expect_answer(int fd, unsigned status, const char *body);

/* Expects this line in the head that was read last. */
void client_expect_line(const char *line);

/* Closes the socket with a reset. */
void client_reset(int fd);

/* Fails the test unless the server closes the connection without sending more; then closes the socket. */
void client_expect_closed(int fd);

#define CLIENT_GET(path)  "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define CLIENT_POST(head) "POST /now HTTP/1.1\r\nHost: x\r\n" head "\r\n" /* head: lines with their CRLFs */

#endif
