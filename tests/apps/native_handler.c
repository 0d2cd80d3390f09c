/* A handler for tests/e2e/test_native.py: a path per behaviour, most of them in both variants. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tandem/handler.h>
#include <uv.h>

enum { TEXT_BYTES = 64 * 1024 };

static atomic_uint released, cancelled;
static uv_timer_t left_open;

static void answer_text(struct tandem_request *request, const char *text)
{
    tandem_set_status(request, 200);
    tandem_add_field(request, "Content-Type", "text/plain; charset=utf-8");
    tandem_set_body(request, text, strlen(text));
}

static void answer_number(struct tandem_request *request, unsigned number)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", number);
    answer_text(request, text);
}

/* All that a request gives to read, a line each. */
static void answer_view(struct tandem_request *request)
{
    char *text = malloc(TEXT_BYTES);
    if (!text) {
        tandem_fail(request, "out of memory");
        return;
    }
    struct tandem_bytes body = tandem_body(request), name, value;
    int length = snprintf(text, TEXT_BYTES,
                          "method %s\ntarget %s\npath %s\nquery %s\nhttp 1.%u\npeer %s %d\nbody %.*s\nloop %s\n",
                          tandem_method(request), tandem_target(request), tandem_path(request), tandem_query(request),
                          tandem_http_minor_version(request), tandem_peer_host(request), tandem_peer_port(request) > 0,
                          (int)body.length, body.data, tandem_loop(request) ? "yes" : "no");
    for (size_t at = 0; tandem_next_field(request, &at, &name, &value);)
        length += snprintf(text + length, (size_t)(TEXT_BYTES - length), "field %.*s=%.*s\n", (int)name.length,
                           name.data, (int)value.length, value.data);
    answer_text(request, text);
    free(text);
}

static void answer_field(struct tandem_request *request)
{
    struct tandem_bytes value;
    tandem_set_status(request, 200);
    if (tandem_field(request, tandem_query(request), &value))
        tandem_set_body(request, value.data, value.length);
    else
        tandem_fail(request, "there is no field %s", tandem_query(request));
}

static void answer_fields(struct tandem_request *request)
{
    tandem_add_field(request, "X-Twice", "1");
    tandem_add_field(request, "X-Twice", "2");
    tandem_add_field(request, "Server", "another");
    answer_text(request, "fields");
}

static void echo(struct tandem_request *request)
{
    struct tandem_bytes body = tandem_body(request);
    tandem_set_status(request, 200);
    tandem_set_body(request, body.data, body.length);
}

static void release(void *body)
{
    atomic_fetch_add(&released, 1);
    free(body);
}

static void give_away(struct tandem_request *request)
{
    tandem_set_status(request, 200);
    char *body = strdup("given away");
    if (body)
        tandem_take_body(request, body, strlen(body), release, body);
}

static void answer_released(struct tandem_request *request)
{
    answer_number(request, atomic_load(&released));
}

static void answer_cancelled(struct tandem_request *request)
{
    answer_number(request, atomic_load(&cancelled));
}

static void set_status(struct tandem_request *request)
{
    tandem_set_status(request, (unsigned)strtoul(tandem_query(request), NULL, 10));
}

static void set_no_status(struct tandem_request *request)
{
    tandem_set_body(request, "no status", 9);
}

static void split(struct tandem_request *request)
{
    tandem_add_field(request, "X-Split", "a\r\nSet-Cookie: stolen");
    answer_text(request, "split");
}

static void set_length(struct tandem_request *request)
{
    tandem_add_field(request, "Content-Length", "5");
    answer_text(request, "length");
}

static void fail(struct tandem_request *request)
{
    answer_text(request, "nearly");
    tandem_fail(request, "a secret of %d", 42);
}

static void done_twice(struct tandem_request *request)
{
    answer_text(request, "done twice");
    tandem_done(request);
}

static const struct {
    const char *path;
    void (*answer)(struct tandem_request *request);
} answers[] = {
    {"/view", answer_view},        {"/field", answer_field},
    {"/fields", answer_fields},    {"/echo", echo},
    {"/given", give_away},         {"/released", answer_released},
    {"/status", set_status},       {"/cancelled", answer_cancelled},
    {"/no-status", set_no_status}, {"/split", split},
    {"/length", set_length},       {"/fail", fail},
    {"/done-twice", done_twice},
};

static void answer(struct tandem_request *request)
{
    for (unsigned i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (strcmp(answers[i].path, tandem_path(request)) == 0) {
            answers[i].answer(request);
            return;
        }
    answer_text(request, "native");
}

static void on_closed(uv_handle_t *timer)
{
    free(timer);
}

static void finish(struct tandem_request *request, const char *text)
{
    uv_close(tandem_user(request), on_closed);
    answer_text(request, text);
    tandem_done(request);
}

static void on_timer(uv_timer_t *timer)
{
    finish(timer->data, "waited");
}

static void cancel(struct tandem_request *request)
{
    atomic_fetch_add(&cancelled, 1);
    if (tandem_user(request))
        finish(request, "cancelled");
}

/* For as many milliseconds as the query says. */
static void wait(struct tandem_request *request)
{
    uv_timer_t *timer = malloc(sizeof *timer);
    if (!timer)
        abort();
    uv_timer_init(tandem_loop(request), timer);
    timer->data = request;
    tandem_set_user(request, timer);
    uv_timer_start(timer, on_timer, strtoul(tandem_query(request), NULL, 10), 0);
}

static void on_work(uv_work_t *work)
{
    answer_text(work->data, "from another thread");
    tandem_done(work->data);
}

static void on_worked(uv_work_t *work, int status)
{
    (void)status;
    free(work);
}

static void start_elsewhere(struct tandem_request *request)
{
    uv_work_t *work = malloc(sizeof *work);
    if (!work)
        abort();
    work->data = request;
    if (uv_queue_work(tandem_loop(request), work, on_work, on_worked) != 0)
        abort();
}

static void ignore(uv_timer_t *timer)
{
    (void)timer;
}

static void leave_open(struct tandem_request *request)
{
    uv_timer_init(tandem_loop(request), &left_open);
    uv_timer_start(&left_open, ignore, 1, 1);
}

static void start(struct tandem_request *request)
{
    const char *path = tandem_path(request);
    if (strcmp(path, "/wait") == 0) {
        wait(request);
        return;
    }
    if (strcmp(path, "/elsewhere") == 0) {
        start_elsewhere(request);
        return;
    }
    if (strcmp(path, "/never") == 0)
        return;
    if (strcmp(path, "/left-open") == 0)
        leave_open(request);
    answer(request);
    tandem_done(request);
}

static const char *setup(void)
{
    (void)fprintf(stderr, "native_handler: ready\n");
    return NULL;
}

static void teardown(void)
{
    (void)fprintf(stderr, "native_handler: torn down\n");
}

TANDEM_HANDLER(.setup = setup, .teardown = teardown, .run = answer, .start = start, .cancel = cancel);
