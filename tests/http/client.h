/* A client on a blocking socket, for the thread of a test: what it sends, and what it must read. */
#ifndef TANDEM_TESTS_CLIENT_H
#define TANDEM_TESTS_CLIENT_H

#include <stddef.h>

/* A socket connected to the address, "http://127.0.0.1:PORT"; a read from it that waits for ten seconds fails the
 * test. */
int client_connect(const char *url);

void client_send(int fd, const char *text);
void client_send_bytes(int fd, const char *bytes, size_t length);

/* Reads one response. Its status; its head is client_head, its body client_body, both strings. */
unsigned client_read(int fd);
extern char client_head[8192], client_body[256 * 1024];

/* The same without a body, whatever the head says: an interim response, or one to HEAD. */
unsigned client_read_head(int fd);

/* Reads one response, which has this status, and this body where that is not NULL. */
void client_expect_answer(int fd, unsigned status, const char *body);

/* The head read last has this line. */
void client_expect_line(const char *line);

/* Fails the test unless the server closes the connection with nothing more sent; closes it. */
void client_expect_closed(int fd);

#define CLIENT_GET(path)  "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define CLIENT_POST(head) "POST /now HTTP/1.1\r\nHost: x\r\n" head "\r\n" /* head: lines with their ends */

#endif
