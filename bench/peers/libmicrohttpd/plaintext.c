/* tandem's plaintext by libmicrohttpd alone: the CPU time that a request takes if the library does all of the work.
 *
 *   microhttpd_plaintext ADDRESS PORT   answers GET /plaintext until SIGTERM or SIGINT
 *   microhttpd_plaintext --version      prints the version of the library
 *
 * The library polls by epoll on a thread of its own, reads and parses each request, and writes each reply in one call.
 * The responses are made once. The reply has the fields of tandem's, and as many bytes. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_CONNECTIONS = 16384, /* the library's own limit is 1020 */
    POOL_BYTES = 4096,        /* of a connection. The library clears it after each request, and has 32 KiB by default */
};

static const char server_name[] = "libmhd"; /* as long as "tandem" */

static struct MHD_Response *plaintext, *not_found, *not_allowed;

static void must(int done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "microhttpd_plaintext: %s failed\n", what);
    exit(1);
}

static void add_field(struct MHD_Response *response, const char *name, const char *value)
{
    must(MHD_add_response_header(response, name, value) == MHD_YES, name);
}

static struct MHD_Response *make_response(const char *type, const char *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(body), (void *)body, MHD_RESPMEM_PERSISTENT);
    must(response != NULL, "a response");
    add_field(response, "Content-Type", type);
    add_field(response, "Server", server_name);
    return response;
}

static void make_responses(void)
{
    plaintext = make_response("text/plain", "Hello, World!");
    not_found = make_response("application/json", "{\"error\":\"there is nothing but /plaintext\"}");
    not_allowed = make_response("application/json", "{\"error\":\"allowed: GET, HEAD\"}");
    add_field(not_allowed, "Allow", "GET, HEAD");
}

static void free_responses(void)
{
    MHD_destroy_response(plaintext);
    MHD_destroy_response(not_found);
    MHD_destroy_response(not_allowed);
}

static enum MHD_Result answer(struct MHD_Connection *connection, const char *path, const char *method)
{
    if (strcmp(path, "/plaintext") != 0)
        return MHD_queue_response(connection, MHD_HTTP_NOT_FOUND, not_found);
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return MHD_queue_response(connection, MHD_HTTP_METHOD_NOT_ALLOWED, not_allowed);
    return MHD_queue_response(connection, MHD_HTTP_OK, plaintext);
}

/* On the library's thread: once after a head, then for each piece of a body, and once at the end of the request. Only
 * that last call answers. An answer to an earlier one would leave the body unread, and cost the connection. */
static enum MHD_Result on_call(void *unused, struct MHD_Connection *connection, const char *path, const char *method,
                               const char *version, const char *body, size_t *body_bytes, void **head_seen)
{
    static char seen;
    (void)unused;
    (void)version;
    (void)body;
    if (!*head_seen) {
        *head_seen = &seen;
        return MHD_YES;
    }
    if (*body_bytes) {
        *body_bytes = 0;
        return MHD_YES;
    }
    return answer(connection, path, method);
}

/* Reads ADDRESS and PORT. Returns 0 if they are not an IPv4 address and a port. */
static int parse_address(char *const words[2], struct sockaddr_in *out)
{
    char *end;
    unsigned long port = strtoul(words[1], &end, 10);
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return port > 0 && port <= UINT16_MAX && *end == '\0' && inet_pton(AF_INET, words[0], &out->sin_addr) == 1;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in address;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("libmicrohttpd %s\n", MHD_get_version());
        return 0;
    }
    if (argc != 3 || !parse_address(argv + 1, &address)) {
        fputs("usage: microhttpd_plaintext ADDRESS PORT | --version\n", stderr);
        return 2;
    }
    sigset_t ends;
    int which;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    must(pthread_sigmask(SIG_BLOCK, &ends, NULL) == 0, "blocking signals"); /* the library's thread inherits this */
    make_responses();
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_call, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_END);
    must(daemon != NULL, "listening");
    sigwait(&ends, &which);
    MHD_stop_daemon(daemon);
    free_responses();
    return 0;
}
