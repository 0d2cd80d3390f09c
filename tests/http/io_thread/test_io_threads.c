/* Several io_threads with one listener: each has its own thread and its share of the connections. */
#include "http/io_thread/io_threads.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "http/client.h"
#include "http/io_thread/io_thread.h"
#include "http/served.h"
#include "suite.h"

static uint64_t active(unsigned loop)
{
    const struct loop_stats *stats = served_stats_of(loop);
    return counter_read(&stats->connections_total) - counter_read(&stats->connections_closed);
}

static void open_with(unsigned loops)
{
    served_defaults();
    served_config.loops = loops;
    served_open();
}

/* Sends a request over each connection and reads the answer, so that each belongs to an io_thread afterwards. */
static void connect_all(int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        fds[i] = served_connect();
        client_send(fds[i], CLIENT_POST(""));
        client_expect_answer(fds[i], 200, "");
    }
}

static void expect_shares(unsigned loops, unsigned connections)
{
    for (unsigned l = 0; l < loops; l++) {
        ck_assert_uint_ge(active(l), connections / loops);
        ck_assert_uint_le(active(l), (connections + loops - 1) / loops);
    }
}

START_TEST(connections_are_shared_evenly)
{
    enum { CLIENTS = 100 };
    static const unsigned loop_counts[] = {1, 2, 3, 7, 64};
    int fds[CLIENTS];
    unsigned loops = loop_counts[_i];
    open_with(loops);
    connect_all(fds, CLIENTS);
    expect_shares(loops, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++)
        close(fds[i]);
    served_close();
}
END_TEST

/* New clients go to the io_threads that have lost clients. */
START_TEST(what_one_io_thread_lost_it_gets_again)
{
    enum { CLIENTS = 64, LOOPS = 4 };
    int fds[CLIENTS];
    open_with(LOOPS);
    connect_all(fds, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i += LOOPS) /* the listener gave them to the io_threads in turn */
        close(fds[i]);
    uint64_t closed = 0;
    while (closed < CLIENTS / LOOPS) {
        closed = 0;
        for (unsigned l = 0; l < LOOPS; l++)
            closed += counter_read(&served_stats_of(l)->connections_closed);
    }
    for (unsigned i = 0; i < CLIENTS; i += LOOPS)
        connect_all(&fds[i], 1);
    expect_shares(LOOPS, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++)
        close(fds[i]);
    served_close();
}
END_TEST

START_TEST(an_answer_returns_to_the_io_thread_of_its_connection)
{
    enum { CLIENTS = 30 };
    int fds[CLIENTS];
    open_with(3);
    connect_all(fds, CLIENTS);
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < CLIENTS; i++)
            client_send(fds[i], CLIENT_GET("/later"));
        for (unsigned i = 0; i < CLIENTS; i++)
            served_answer(served_later(), "from another thread");
        for (unsigned i = 0; i < CLIENTS; i++)
            client_expect_answer(fds[i], 200, "from another thread");
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        close(fds[i]);
    served_close();
}
END_TEST

START_TEST(the_limit_of_connections_is_for_all_together)
{
    enum { CLIENTS = 12, FIT = 5 };
    int fds[CLIENTS];
    served_defaults();
    served_config.loops = 3;
    served_config.max_connections = FIT;
    served_open();
    for (unsigned i = 0; i < CLIENTS; i++) {
        fds[i] = served_connect();
        client_send(fds[i], CLIENT_POST("Connection: close\r\n"));
    }
    /* Each connection that is answered makes room for the next one, on any io_thread. */
    for (unsigned i = 0; i < CLIENTS; i++) {
        client_expect_answer(fds[i], 200, "");
        client_expect_closed(fds[i]);
    }
    connect_all(fds, FIT);
    uint64_t open = 0;
    for (unsigned l = 0; l < 3; l++)
        open += active(l);
    ck_assert_uint_eq(open, FIT);
    int waiting = served_connect();
    char byte;
    client_send(waiting, CLIENT_POST(""));
    usleep(50000);
    ck_assert_int_eq(recv(waiting, &byte, 1, MSG_DONTWAIT), -1);
    close(fds[2]);
    client_expect_answer(waiting, 200, "");
    close(waiting);
    for (unsigned i = 0; i < FIT; i++)
        if (i != 2)
            close(fds[i]);
    served_close();
}
END_TEST

START_TEST(a_drain_is_over_when_every_io_thread_has_drained)
{
    int fds[6];
    struct request *request;
    open_with(3);
    connect_all(fds, 6);
    client_send(fds[0], CLIENT_GET("/later"));
    request = served_later();
    served_drain();
    for (unsigned i = 1; i < 6; i++)
        client_expect_closed(fds[i]);
    ck_assert(!served_drained());
    served_answer(request, "the last one");
    client_expect_answer(fds[0], 200, "the last one");
    client_expect_closed(fds[0]);
    served_close();
    ck_assert(served_drained());
}
END_TEST

/* libuv calls this pthread_create, because the dynamic linker finds it before the C library's. */
static unsigned threads_allowed = 1000;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    if (threads_allowed == 0)
        return EAGAIN;
    threads_allowed--;
    return real(thread, attributes, function, argument);
}

START_TEST(a_thread_that_cannot_start_leaves_nothing)
{
    enum { LOOPS = 4 };
    static struct listener listener;
    struct models models = {.count = 0};
    static struct loop *loops[LOOPS];
    static struct io_threads io_threads;
    served_defaults();
    struct routes routes = {.config = &served_config, .models = &models};
    for (unsigned allowed = 0; allowed < LOOPS - 1; allowed++) {
        char expected[128];
        for (unsigned l = 0; l < LOOPS; l++)
            ck_assert_int_eq(loop_new(l, &loops[l]), ERR_OK);
        ck_assert_int_eq(io_threads_new(&io_threads, &listener, &routes, loops, LOOPS), ERR_OK);
        threads_allowed = allowed;
        ck_assert_int_eq(io_threads_start(&io_threads), ERR_SYSTEM);
        snprintf(expected, sizeof expected, "--loops 4: cannot start the thread of loop %u: ", allowed + 1);
        ck_assert_ptr_eq(strstr(err_message(), expected), err_message());
        io_threads_free(&io_threads);
        for (unsigned l = 0; l < LOOPS; l++)
            loop_free(loops[l]);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("io_threads");
    TCase *io_threads_case = tcase_create("io_threads");
    tcase_set_timeout(io_threads_case, 60);
    tcase_add_loop_test(io_threads_case, connections_are_shared_evenly, 0, 5);
    tcase_add_test(io_threads_case, what_one_io_thread_lost_it_gets_again);
    tcase_add_test(io_threads_case, an_answer_returns_to_the_io_thread_of_its_connection);
    tcase_add_test(io_threads_case, the_limit_of_connections_is_for_all_together);
    tcase_add_test(io_threads_case, a_drain_is_over_when_every_io_thread_has_drained);
    tcase_add_test(io_threads_case, a_thread_that_cannot_start_leaves_nothing);
    suite_add_tcase(made, io_threads_case);
    return made;
}

SUITE_MAIN(suite)
