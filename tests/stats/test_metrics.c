#include "stats/metrics.h"

#include <stdio.h>
#include <string.h>

#include "stats/made_up.h"
#include "suite.h"

static char *text;

static void render(void)
{
    size_t length;
    text = metrics_text(&made_up.source, &length);
    ck_assert_ptr_nonnull(text);
    text = realloc(text, length + 1);
    ck_assert_ptr_nonnull(text);
    text[length] = '\0';
}

/* True if the metrics have this whole line. */
static bool has(const char *line)
{
    char with_ends[300];
    snprintf(with_ends, sizeof with_ends, "\n%s\n", line);
    return strstr(text, with_ends) != NULL;
}

#define EXPECT(line) ck_assert_msg(has(line), "no line %s in\n%s", line, text)

static void close_all(void)
{
    free(text);
    made_up_close();
}

START_TEST(counters_are_those_of_the_document)
{
    made_up_open();
    counter_add(&made_up.loops[0]->stats.connections_total, 5);
    counter_add(&made_up.loops[1]->stats.connections_total, 4);
    counter_add(&made_up.loops[0]->stats.connections_closed, 3);
    counter_add(&made_up.loops[1]->stats.responses[4], 6);
    counter_add(&made_up.loops[1]->stats.rejected[REFUSED_QUEUE_FULL], 7);
    counter_add(&made_up.loops[1]->stats.idle_ns, 1500000000);
    counter_add(&made_up_series(1, 0, NUMBER)->requests_total, 8);
    counter_add(&made_up_series(1, 0, NUMBER)->errors_total, 2);
    atomic_store(&made_up.models.list[0].queue_length, 11);
    render();
    EXPECT("tandem_http_connections_total 9");
    EXPECT("tandem_http_connections_active 6");
    EXPECT("tandem_http_responses_total{code=\"4xx\"} 6");
    EXPECT("tandem_http_rejected_total{reason=\"queue_full\"} 7");
    EXPECT("tandem_loop_idle_seconds_total{loop=\"1\"} 1.500000000");
    EXPECT("tandem_requests_total{model=\"first\",workload=\"number\"} 8");
    EXPECT("tandem_request_errors_total{model=\"first\",workload=\"number\"} 2");
    EXPECT("tandem_model_queue_length{model=\"first\"} 11");
    EXPECT("tandem_model_queue_limit{model=\"second\"} 77");
    EXPECT("tandem_model_threads{model=\"first\"} 3");
    EXPECT("tandem_startup_seconds 0.001500000");
    EXPECT("tandem_process_start_time_seconds 1700000000.25");
    close_all();
}
END_TEST

START_TEST(what_nobody_knows_is_not_there)
{
    made_up_open();
    made_up.source.read_gils = made_up_read_gils;
    made_up_series(0, 0, PLAIN); /* a series of a model without Python */
    render();
    EXPECT("tandem_gil_wait_seconds_total{interpreter=\"0\"} 1.500000000");
    EXPECT("tandem_gil_looks_held_total{interpreter=\"0\"} 10");
    EXPECT("tandem_gil_waits_total{interpreter=\"1\"} 4");
    ck_assert_ptr_null(strstr(text, "tandem_gil_switches_total{interpreter=\"1\"}"));
    ck_assert_ptr_null(strstr(text, "tandem_gil_waits_total{interpreter=\"2\"}"));
    EXPECT("tandem_gil_switches_total{interpreter=\"2\"} 6");
    ck_assert_ptr_nonnull(strstr(text, "phase=\"handler\""));
    ck_assert_ptr_null(strstr(text, "phase=\"gil\""));
    close_all();
}
END_TEST

START_TEST(the_build_is_in_labels)
{
    made_up_open();
    made_up.source.python_version = "3.99.1";
    render();
    ck_assert_ptr_nonnull(strstr(text, ",python=\"3.99.1\",libuv=\"1."));
    ck_assert_ptr_nonnull(strstr(text, ",libmicrohttpd=\"1.2.3\"} 1\n"));
    close_all();
}
END_TEST

SUITE("metrics", counters_are_those_of_the_document, what_nobody_knows_is_not_there, the_build_is_in_labels)
