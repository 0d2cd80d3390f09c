/* The barest server that libuv allows: what a core can do in waiting, whatever the server.
 *
 *   later MS    prints "ready PORT", then answers whatever ends with a blank line MS milliseconds later
 *
 * No parser, no router, no statistics: a timer per connection and a response that is a literal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static const char response[] = "HTTP/1.1 200 OK\r\n"
                               "Content-Length: 15\r\n"
                               "Content-Type: application/json\r\n"
                               "Server: later\r\n\r\n"
                               "{\"slept_ms\":10}";

static uint64_t wait_ms;

struct connection {
    uv_tcp_t tcp;
    uv_timer_t timer;
    char head[4096];
    size_t length;
};

static void must(int status, const char *what)
{
    if (status == 0)
        return;
    fprintf(stderr, "later: %s: %s\n", what, uv_strerror(status));
    exit(1);
}

static void on_tcp_closed(uv_handle_t *tcp)
{
    free(tcp->data);
}

static void on_timer_closed(uv_handle_t *timer)
{
    struct connection *connection = timer->data;
    uv_close((uv_handle_t *)&connection->tcp, on_tcp_closed);
}

static void drop(struct connection *connection)
{
    uv_read_stop((uv_stream_t *)&connection->tcp);
    if (!uv_is_closing((uv_handle_t *)&connection->timer))
        uv_close((uv_handle_t *)&connection->timer, on_timer_closed);
}

static void on_timer(uv_timer_t *timer)
{
    struct connection *connection = timer->data;
    uv_buf_t buffer = uv_buf_init((char *)response, sizeof response - 1);
    if (uv_try_write((uv_stream_t *)&connection->tcp, &buffer, 1) != (int)sizeof response - 1)
        drop(connection);
}

static void on_room(uv_handle_t *tcp, size_t suggested, uv_buf_t *out)
{
    (void)suggested;
    struct connection *connection = tcp->data;
    size_t room = sizeof connection->head - connection->length;
    *out = uv_buf_init(connection->head + connection->length, (unsigned)room);
}

static void on_read(uv_stream_t *tcp, ssize_t got, const uv_buf_t *buffer)
{
    (void)buffer;
    struct connection *connection = tcp->data;
    if (got < 0) {
        drop(connection);
        return;
    }
    connection->length += (size_t)got;
    if (connection->length < 4 || memcmp(connection->head + connection->length - 4, "\r\n\r\n", 4) != 0)
        return;
    connection->length = 0;
    uv_update_time(tcp->loop);
    must(uv_timer_start(&connection->timer, on_timer, wait_ms, 0), "timer");
}

static void on_connection(uv_stream_t *listener, int status)
{
    must(status, "listen");
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        exit(1);
    connection->tcp.data = connection->timer.data = connection;
    must(uv_tcp_init(listener->loop, &connection->tcp), "socket");
    must(uv_timer_init(listener->loop, &connection->timer), "timer");
    must(uv_accept(listener, (uv_stream_t *)&connection->tcp), "accept");
    must(uv_tcp_nodelay(&connection->tcp, 1), "nodelay");
    must(uv_read_start((uv_stream_t *)&connection->tcp, on_room, on_read), "read");
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fputs("usage: later MS\n", stderr);
        return 2;
    }
    wait_ms = strtoull(argv[1], NULL, 10);
    uv_tcp_t listener;
    struct sockaddr_in address;
    int address_bytes = sizeof address;
    must(uv_tcp_init(uv_default_loop(), &listener), "socket");
    must(uv_ip4_addr("127.0.0.1", 0, &address), "address");
    must(uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0), "bind");
    must(uv_listen((uv_stream_t *)&listener, 1024, on_connection), "listen");
    must(uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &address_bytes), "port");
    printf("ready %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
