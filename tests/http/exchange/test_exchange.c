/* Every transition of a connection's input and of its exchange (docs/connection.md), caused from outside: by what a
 * client sends and when it leaves, and by when the model answers. The linker puts the recorder below between the server
 * and http/connection/transition.c. */
#include "http/exchange/exchange.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/connection/transition.h"
#include "http/served.h"
#include "http/streams.h"
#include "stream/pipe.h"
#include "suite.h"

enum { STATES = 9 }; /* of either kind, at most */

static const char *const input_names[STATES] = {"open", "paused",  "unthrottled", "upgrading",
                                                "cut",  "refused", "ended",       "closing"};
static const char *const stage_names[STATES] = {"none",    "reading", "pending", "suspended", "answered",
                                                "writing", "sent",    "broken",  "left"};

/* The transitions from each state, one bit each. */
struct transitions {
    unsigned from[STATES];
};

static struct transitions inputs, stages;
static atomic_uint input_now, stage_now;
static atomic_uint memory_ends_at = INPUT_COUNT; /* buf_append fails while the input is in this state */

void __real_transition_input(struct connection *connection, enum input to);
void __wrap_transition_input(struct connection *connection, enum input to);
void __real_transition_stage(struct connection *connection, enum stage to);
void __wrap_transition_stage(struct connection *connection, enum stage to);
enum err __real_buf_append(struct buf *buf, const void *bytes, size_t length);
enum err __wrap_buf_append(struct buf *buf, const void *bytes, size_t length);

void __wrap_transition_input(struct connection *connection, enum input to)
{
    inputs.from[connection->input] |= 1U << to;
    __real_transition_input(connection, to);
    atomic_store(&input_now, to);
}

void __wrap_transition_stage(struct connection *connection, enum stage to)
{
    stages.from[connection->stage] |= 1U << to;
    __real_transition_stage(connection, to);
    atomic_store(&stage_now, to);
}

enum err __wrap_buf_append(struct buf *buf, const void *bytes, size_t length)
{
    return atomic_load(&memory_ends_at) == atomic_load(&input_now) ? ERR_NOMEM : __real_buf_append(buf, bytes, length);
}

/* The client closes the connection, and the server sees it. */
static void leave(int fd)
{
    close(fd);
    served_expect(&served_stats()->connections_closed, 1);
}

static void answer_at_once(int fd)
{
    client_send(fd, CLIENT_POST("Content-Length: 2\r\n") "hi");
    client_expect_answer(fd, 200, "hi");
    leave(fd);
}

static void answer_without_a_model(int fd)
{
    client_send(fd, CLIENT_GET("/nowhere"));
    client_expect_answer(fd, 404, NULL);
    leave(fd);
}

static void answer_suspended(struct request *request, const char *body)
{
    served_until(&stage_now, STAGE_SUSPENDED);
    served_answer(request, body);
}

static void answer_after_a_while(int fd)
{
    client_send(fd, CLIENT_GET("/later"));
    answer_suspended(served_later(), "at last");
    client_expect_answer(fd, 200, "at last");
    leave(fd);
}

static void refuse(int fd)
{
    client_send(fd, "GARBAGE\r\n\r\n");
    client_expect_answer(fd, 400, NULL);
    client_expect_closed(fd);
}

static void drop_an_idle_client(int fd)
{
    client_send(fd, CLIENT_POST(""));
    client_expect_answer(fd, 200, "");
    client_expect_closed(fd); /* served_config.keep_alive_ns */
}

static void leave_in_the_body(int fd)
{
    client_send(fd, CLIENT_POST("Content-Length: 2\r\n") "h");
    served_until(&stage_now, STAGE_READING);
    leave(fd);
}

static void send_and_reset_while_suspended(int fd, const char *text)
{
    client_send(fd, text);
    struct request *request = served_later();
    served_until(&stage_now, STAGE_SUSPENDED);
    client_reset(fd);
    served_expect(&served_stats()->connections_closed, 1);
    served_answer(request, "nobody is there");
}

static void reset_while_suspended(int fd)
{
    send_and_reset_while_suspended(fd, CLIENT_GET("/mount"));
}

static void reset_while_streaming(int fd)
{
    client_send(fd, CLIENT_GET("/quiet"));
    ck_assert_uint_eq(client_read_head(fd), 200);
    client_reset(fd);
    served_expect(&served_stats()->connections_closed, 1);
}

#define HANDSHAKE                                                                                                      \
    "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"                                 \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static void refuse_a_handshake(int fd)
{
    client_send(fd, HANDSHAKE);
    answer_suspended(served_later(), "no");
    client_expect_answer(fd, 200, "no");
    leave(fd);
}

static void reset_in_a_handshake(int fd)
{
    send_and_reset_while_suspended(fd, HANDSHAKE);
}

static void end_memory_in_a_handshake(int fd)
{
    atomic_store(&memory_ends_at, INPUT_UPGRADING);
    client_send(fd, HANDSHAKE "and more");
    answer_suspended(served_later(), "no");
    client_expect_answer(fd, 200, "no");
    client_expect_answer(fd, 503, NULL);
    client_expect_closed(fd);
}

enum { UPLOAD_BYTES = 512 * 1024 }; /* more than a pipe takes */

/* Begins an upload in chunks of 1024 bytes, and sends the first ones. Returns its request, which the model has. */
static struct request *begin_upload(int fd, unsigned chunks)
{
    static char chunk[6 + 1024 + 2] = "0400\r\n";
    memset(chunk + 6, 'u', 1024);
    memcpy(chunk + 6 + 1024, "\r\n", 2);
    client_send(fd, "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    struct request *request = served_later();
    for (unsigned i = 0; i < chunks; i++)
        client_send_bytes(fd, chunk, sizeof chunk);
    return request;
}

/* Begins an upload of which the handler takes nothing. */
static struct request *fill_upload(int fd)
{
    struct request *request = begin_upload(fd, UPLOAD_BYTES / 1024);
    served_until(&input_now, INPUT_PAUSED);
    return request;
}

#define STREAMED "as a stream"

/* The handler answers by a stream of STREAMED, which it ends with pipe_write_end. */
static struct pipe *answer_by_stream(struct request *request)
{
    struct pipe *pipe = pipe_new(request->loop);
    reply_stream(&request->reply, 200, TYPE_TEXT, pipe_stream(pipe));
    request->reply.length = strlen(STREAMED);
    request_done(request);
    return pipe;
}

static void take_an_upload(int fd)
{
    struct request *request = fill_upload(fd);
    struct buf got = {0};
    client_send(fd, "0\r\n\r\n");
    ssize_t bytes;
    while ((bytes = pipe_read(request->body_reader, &got)) > 0)
        ;
    ck_assert_int_eq(bytes, 0);
    ck_assert_uint_eq(got.length, UPLOAD_BYTES);
    buf_free(&got);
    answer_suspended(request, "taken");
    client_expect_answer(fd, 200, "taken");
    leave(fd);
}

static void answer_in_an_upload(int fd)
{
    served_answer(begin_upload(fd, 1), "enough");
    client_expect_answer(fd, 200, "enough");
    client_expect_closed(fd);
}

static void answer_in_a_full_upload(int fd)
{
    served_answer(fill_upload(fd), "enough");
    client_expect_answer(fd, 200, "enough");
    client_expect_closed(fd);
}

/* The end of the client's bytes has been read when the upload, which is not whole, is refused. */
static void end_an_upload_that_is_refused(int fd)
{
    served_hold();
    client_send(fd, CLIENT_POST("") "POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nsome");
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    served_release();
    client_expect_answer(fd, 200, "");
    client_expect_answer(fd, 503, NULL);
    client_expect_closed(fd);
}

static void reset_in_a_full_upload(int fd)
{
    struct request *request = fill_upload(fd);
    client_reset(fd);
    served_expect(&served_stats()->connections_closed, 1);
    served_answer(request, "nobody is there");
}

static void end_memory_in_a_full_upload(int fd)
{
    atomic_store(&memory_ends_at, INPUT_PAUSED);
    struct request *request = begin_upload(fd, UPLOAD_BYTES / 1024);
    client_expect_answer(fd, 503, NULL);
    client_expect_closed(fd);
    served_answer(request, "nobody is there");
}

/* A stream goes out after the whole body: libmicrohttpd does not send a response before. */
static void stream_in_a_full_upload(int fd)
{
    struct pipe *pipe = answer_by_stream(fill_upload(fd));
    served_until(&input_now, INPUT_UNTHROTTLED);
    client_send(fd, "0\r\n\r\n");
    ck_assert(pipe_write(pipe, STREAMED, strlen(STREAMED)));
    pipe_write_end(pipe, true);
    client_expect_answer(fd, 200, STREAMED);
    leave(fd);
}

static struct pipe *stream_in_an_upload(int fd)
{
    struct pipe *pipe = answer_by_stream(begin_upload(fd, 1));
    served_until(&input_now, INPUT_UNTHROTTLED);
    return pipe;
}

static void leave_in_a_streamed_upload(int fd)
{
    struct pipe *pipe = stream_in_an_upload(fd);
    leave(fd);
    pipe_write_end(pipe, false);
}

static void reset_in_a_streamed_upload(int fd)
{
    struct pipe *pipe = stream_in_an_upload(fd);
    client_reset(fd);
    served_expect(&served_stats()->connections_closed, 1);
    pipe_write_end(pipe, false);
}

static void break_the_coding_of_a_streamed_upload(int fd)
{
    struct pipe *pipe = stream_in_an_upload(fd);
    client_send(fd, "no size\r\n");
    client_expect_answer(fd, 400, NULL);
    client_expect_closed(fd);
    pipe_write_end(pipe, false);
}

#define AT_ONCE   "none reading pending answered writing sent none"
#define SUSPENDED "none reading pending suspended answered writing sent none"

/* Each path is a list of states. No other transition may happen. */
static const struct scenario {
    void (*run)(int fd);
    const char *stages, *inputs;
} scenarios[] = {
    {answer_at_once, AT_ONCE, "open ended closing"},
    {answer_without_a_model, "none reading answered writing sent none", "open ended closing"},
    {answer_after_a_while, SUSPENDED, "open ended closing"},
    {refuse, "", "open refused closing"},
    {drop_an_idle_client, AT_ONCE, "open closing"},
    {leave_in_the_body, "none reading none", "open ended closing"},
    {reset_while_suspended, "none reading pending suspended left none", "open closing"},
    {reset_while_streaming, "none reading pending answered writing broken none", "open closing"},
    {refuse_a_handshake, SUSPENDED, "open upgrading open ended closing"},
    {reset_in_a_handshake, "none reading pending suspended left none", "open upgrading closing"},
    {end_memory_in_a_handshake, SUSPENDED, "open upgrading refused closing"},
    {take_an_upload, SUSPENDED, "open paused open ended closing"},
    {answer_in_an_upload, AT_ONCE, "open cut closing"},
    {answer_in_a_full_upload, AT_ONCE, "open paused cut closing"},
    {end_an_upload_that_is_refused, AT_ONCE " reading pending answered writing sent none", "open ended cut closing"},
    {reset_in_a_full_upload, "none reading pending none", "open paused closing"},
    {end_memory_in_a_full_upload, "none reading pending none", "open paused refused closing"},
    {stream_in_a_full_upload, AT_ONCE, "open paused unthrottled open ended closing"},
    {leave_in_a_streamed_upload, "none reading pending answered none", "open unthrottled ended closing"},
    {reset_in_a_streamed_upload, "none reading pending answered none", "open unthrottled closing"},
    {break_the_coding_of_a_streamed_upload, "none reading pending answered none", "open unthrottled refused closing"},
};
enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

/* Adds the transitions of a path. */
static void add_path(struct transitions *out, const char *path, const char *const names[STATES])
{
    char copy[128], *rest = copy, *word;
    int from = -1;
    (void)snprintf(copy, sizeof copy, "%s", path);
    while ((word = strtok_r(rest, " ", &rest))) {
        int to = 0;
        while (strcmp(names[to], word) != 0)
            ck_assert_int_lt(++to, STATES);
        if (from >= 0)
            out->from[from] |= 1U << to;
        from = to;
    }
}

static void expect_transitions(const struct transitions *seen, const char *path, const char *const names[STATES])
{
    struct transitions expected = {0};
    add_path(&expected, path, names);
    for (unsigned from = 0; from < STATES; from++)
        for (unsigned to = 0; to < STATES; to++)
            ck_assert_msg(((seen->from[from] ^ expected.from[from]) >> to & 1) == 0, "%s to %s: %s", names[from],
                          names[to], seen->from[from] >> to & 1 ? "not expected" : "missing");
}

START_TEST(a_connection_takes_the_expected_path)
{
    const struct scenario *scenario = &scenarios[_i];
    served_defaults();
    if (scenario->run == drop_an_idle_client)
        served_config.keep_alive_ns = 20 * NS_PER_MS;
    served_open();
    int fd = served_connect();
    scenario->run(fd);
    served_close();
    expect_transitions(&stages, scenario->stages, stage_names);
    expect_transitions(&inputs, scenario->inputs, input_names);
}
END_TEST

START_TEST(every_allowed_transition_is_in_a_path)
{
    struct transitions in_paths = {0}, of_inputs = {0};
    for (unsigned i = 0; i < SCENARIOS; i++) {
        add_path(&in_paths, scenarios[i].stages, stage_names);
        add_path(&of_inputs, scenarios[i].inputs, input_names);
    }
    for (unsigned from = 0; from < STATES; from++)
        for (unsigned to = 0; to < STATES; to++) {
            ck_assert_msg((in_paths.from[from] >> to & 1) == transition_allows_stage(from, to), "%s to %s",
                          stage_names[from], stage_names[to]);
            if (from < INPUT_COUNT && to < INPUT_COUNT)
                ck_assert_msg((of_inputs.from[from] >> to & 1) == transition_allows_input(from, to), "%s to %s",
                              input_names[from], input_names[to]);
        }
}
END_TEST

START_TEST(any_other_transition_ends_the_process)
{
    struct connection connection = {.stage = STAGE_NONE};
    __real_transition_stage(&connection, STAGE_WRITING);
}
END_TEST

START_TEST(any_other_transition_of_the_input_ends_the_process)
{
    struct connection connection = {.input = INPUT_CLOSING};
    __real_transition_input(&connection, INPUT_OPEN);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("exchange");
    TCase *paths = tcase_create("paths"), *tables = tcase_create("tables");
    tcase_set_timeout(paths, 60);
    tcase_add_loop_test(paths, a_connection_takes_the_expected_path, 0, SCENARIOS);
    tcase_add_test(tables, every_allowed_transition_is_in_a_path);
    tcase_add_test_raise_signal(tables, any_other_transition_ends_the_process, SIGABRT);
    tcase_add_test_raise_signal(tables, any_other_transition_of_the_input_ends_the_process, SIGABRT);
    suite_add_tcase(made, paths);
    suite_add_tcase(made, tables);
    return made;
}

SUITE_MAIN(suite)
