#include "workloads/variants.h"

#include "assertions.h"
#include <string.h>

struct loop *variants_loop;
static const struct model_ops ops = {.name = "test-model"};
struct model variants_model = {.ops = &ops};
struct request *variants_returned[VARIANTS_REQUESTS_MAX];
unsigned variants_returned_count;

static const struct workload *open_workload;
static struct request *requests[VARIANTS_REQUESTS_MAX];
static unsigned request_count, awaited;
static bool stepping;

static void on_answered(struct loop *loop, struct request *request)
{
    ck_assert_ptr_eq(loop, variants_loop);
    ck_assert_ptr_eq(loop_current(), loop);
    ck_assert_uint_lt(variants_returned_count, VARIANTS_REQUESTS_MAX);
    for (unsigned i = 0; i < variants_returned_count; i++)
        ck_assert_msg(variants_returned[i] != request, "a request came back twice");
    variants_returned[variants_returned_count++] = request;
    if (variants_returned_count == awaited && !stepping)
        uv_stop(&loop->uv);
}

void variants_open(const struct workload *workload)
{
    open_workload = workload;
    ck_assert_int_eq(loop_new(0, &variants_loop), ERR_OK);
    variants_loop->on_answered = on_answered;
    if (workload->setup)
        ck_assert_msg(workload->setup() == ERR_OK, "%s", err_message());
}

void variants_close(void)
{
    for (unsigned i = 0; i < request_count; i++)
        request_free(requests[i]);
    request_count = 0;
    if (open_workload->teardown)
        open_workload->teardown();
    unsigned returned = variants_returned_count;
    loop_free(variants_loop);
    ck_assert_uint_eq(variants_returned_count, returned);
}

struct request *variants_request(int64_t first, int64_t second)
{
    ck_assert_uint_lt(request_count, VARIANTS_REQUESTS_MAX);
    struct request *request = request_new(variants_loop, 1);
    ck_assert_ptr_nonnull(request);
    request->model = &variants_model;
    request->workload = open_workload;
    request->method = open_workload->takes_body ? "POST" : "GET";
    request->target = open_workload->name;
    request->params[0] = first;
    request->params[1] = second;
    requests[request_count++] = request;
    return request;
}

static void (*next_step)(void);

static void on_step(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    stepping = true;
    next_step();
    stepping = false;
    if (variants_returned_count == awaited)
        uv_stop(&variants_loop->uv);
}

void variants_run(void (*step)(void), unsigned count)
{
    static uv_timer_t timer;
    next_step = step;
    awaited = variants_returned_count + count;
    uv_timer_init(&variants_loop->uv, &timer);
    uv_timer_start(&timer, on_step, 0, 0);
    loop_run(variants_loop);
    ck_assert_uint_eq(variants_returned_count, awaited);
}

static struct request *to_start;

static void start(void)
{
    open_workload->start(to_start);
}

static void run(void *request)
{
    open_workload->run(request);
}

void variants_call(enum variant variant, struct request *request)
{
    if (variant == EVENTED) {
        to_start = request;
        variants_run(start, 1);
        ck_assert_ptr_eq(variants_returned[variants_returned_count - 1], request);
        return;
    }
    uv_thread_t thread;
    ck_assert_int_eq(uv_thread_create(&thread, run, request), 0);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
}

void variants_expect(const struct request *request, unsigned status, const char *type, const char *body)
{
    const struct reply *reply = &request->reply;
    ck_assert_msg(reply->status == status, "%s: %u %.*s", request->target, reply->status, (int)reply->body_bytes,
                  reply->body);
    ck_assert_str_eq(reply->type, type);
    ck_assert_uint_eq(reply->body_bytes, strlen(body));
    ck_assert_mem_eq(reply->body, body, strlen(body));
}

void variants_expect_answer(enum variant variant, int64_t first, int64_t second, const char *type, const char *body)
{
    struct request *request = variants_request(first, second);
    variants_call(variant, request);
    variants_expect(request, 200, type, body);
    ck_assert_int_eq(request->reply.refusal, REFUSED_NOT);
}

void variants_expect_failure(const struct request *request)
{
    variants_expect(request, 500, TYPE_JSON, "{\"error\":\"the handler failed; the server's log says why\"}");
    ck_assert_int_eq(request->reply.refusal, REFUSED_HANDLER_ERROR);
}
