#include "models/contract.h"

#include "assertions.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "python/interp/runtime.h"
#include "workloads/workloads.h"

static void stop_when_all_are_back(struct contract_loop *at)
{
    if (at->answered == at->submitted && !at->stepping)
        uv_stop(&at->loop->uv);
}

static void on_answered(struct loop *loop, struct request *request)
{
    struct contract_loop *at = loop->io_thread;
    ck_assert_ptr_eq(loop_current(), loop);
    ck_assert_ptr_eq(loop, at->loop);
    unsigned index = 0;
    while (at->requests[index] != request)
        ck_assert_uint_lt(++index, at->submitted + 1);
    at->answers[index]++;
    at->answered++;
    stop_when_all_are_back(at);
}

static void make_loops(struct contract *contract, unsigned count)
{
    contract->loop_count = count;
    for (unsigned i = 0; i < count; i++) {
        struct contract_loop *at = &contract->at[i];
        ck_assert_int_eq(loop_new(i, &contract->loops[i]), ERR_OK);
        at->contract = contract;
        at->loop = contract->loops[i];
        at->loop->on_answered = on_answered;
        at->loop->io_thread = at;
    }
    uv_barrier_init(&contract->barrier, count);
}

void contract_open(struct contract *contract, const char *mode, unsigned loops, unsigned threads, unsigned queue_limit)
{
    char threads_text[16], limit_text[16];
    snprintf(threads_text, sizeof threads_text, "%u", threads);
    snprintf(limit_text, sizeof limit_text, "%u", queue_limit);
    char *const arguments[] = {"tandem", "--threads", threads_text, "--queue-limit", limit_text};
    char *const environment[] = {NULL};
    memset(contract, 0, sizeof *contract);
    ck_assert_int_eq(config_parse(&contract->config, 5, arguments, environment), ERR_OK);
    setenv("UV_THREADPOOL_SIZE", threads_text, 1);
    ck_assert_int_eq(models_select(&contract->models, mode), ERR_OK);
    ck_assert_uint_eq(contract->models.count, 1);
    make_loops(contract, loops);
    ck_assert_int_eq(workloads_setup(&workloads), ERR_OK);
    contract->python = models_need_python(&contract->models);
    if (contract->python)
        ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
    contract->model = &contract->models.list[0];
    contract->config.request_timeout_ns = UINT64_MAX;
    contract->model->config = &contract->config;
    contract->model->workloads = &workloads;
    contract->model->loops = contract->loops;
    contract->model->loop_count = loops;
}

void contract_start(struct contract *contract)
{
    ck_assert_msg(models_start(&contract->models) == ERR_OK, "%s", err_message());
}

static void (*next_step)(struct contract_loop *at);

static void on_step(uv_timer_t *timer)
{
    struct contract_loop *at = timer->data;
    uv_close((uv_handle_t *)timer, NULL);
    at->stepping = true;
    next_step(at);
    contract_flush(at);
    at->stepping = false;
    stop_when_all_are_back(at);
}

/* LOOP. Runs the loop as an io_thread does. */
static void run_loop(void *argument)
{
    static uv_timer_t timers[CONTRACT_LOOPS_MAX];
    struct contract_loop *at = argument;
    struct model *model = at->contract->model;
    uv_timer_t *timer = &timers[at->loop->id];
    uv_timer_init(&at->loop->uv, timer);
    timer->data = at;
    uv_timer_start(timer, on_step, 0, 0);
    loop_run(at->loop);
    if (model->ops->leave)
        model->ops->leave(model, at->loop);
}

void contract_run(struct contract *contract, void (*step)(struct contract_loop *at))
{
    uv_thread_t threads[CONTRACT_LOOPS_MAX];
    next_step = step;
    for (unsigned l = 1; l < contract->loop_count; l++)
        ck_assert_int_eq(uv_thread_create(&threads[l], run_loop, &contract->at[l]), 0);
    run_loop(&contract->at[0]);
    for (unsigned l = 1; l < contract->loop_count; l++)
        ck_assert_int_eq(uv_thread_join(&threads[l]), 0);
    for (unsigned l = 0; l < contract->loop_count; l++)
        for (unsigned i = 0; i < contract->at[l].submitted; i++)
            ck_assert_msg(contract->at[l].answers[i] == 1, "request %u of loop %u came back %u times", i, l,
                          contract->at[l].answers[i]);
}

enum err contract_submit(struct contract_loop *at, const char *workload, int64_t first, int64_t second)
{
    struct model *model = at->contract->model;
    ck_assert_uint_lt(at->submitted, CONTRACT_REQUESTS_MAX);
    struct request *request = request_new(at->loop, 1);
    ck_assert_ptr_nonnull(request);
    request->model = model;
    request->method = "GET";
    request->target = workload;
    while (strcmp(workloads.list[request->workload_index]->name, workload) != 0)
        ck_assert_uint_lt(++request->workload_index, workloads.count);
    request->workload = workloads.list[request->workload_index];
    request->params[0] = first;
    request->params[1] = second;
    if (request->workload->takes_body)
        ck_assert_int_eq(request_body_append(request, "body", 4), ERR_OK);
    request->submitted_ns = 1;
    at->requests[at->submitted++] = request;
    if (model->ops->refuses)
        ck_assert_ptr_null(model->ops->refuses(model, request));
    enum err err = model->ops->submit(model, request);
    if (err) {
        /* The request is still the caller's, and untouched. */
        ck_assert_uint_eq(request->reply.status, 0);
        at->submitted--;
        request_free(request);
    }
    return err;
}

void contract_flush(struct contract_loop *at)
{
    struct model *model = at->contract->model;
    if (model->ops->flush)
        model->ops->flush(model, at->loop);
    while (model->ops->work_off && model->ops->work_off(model, at->loop))
        continue;
}

void contract_meet(struct contract_loop *at)
{
    uv_barrier_wait(&at->contract->barrier);
}

void contract_forget(struct contract *contract)
{
    for (unsigned l = 0; l < contract->loop_count; l++) {
        struct contract_loop *at = &contract->at[l];
        for (unsigned i = 0; i < at->submitted; i++)
            request_free(at->requests[i]);
        memset(at->answers, 0, sizeof at->answers);
        at->submitted = at->answered = 0;
    }
}

void contract_close(struct contract *contract, bool started)
{
    contract_forget(contract);
    if (started)
        models_stop(&contract->models);
    if (contract->python)
        python_stop();
    workloads_teardown(&workloads);
    for (unsigned l = 0; l < contract->loop_count; l++)
        loop_free(contract->loops[l]);
    uv_barrier_destroy(&contract->barrier);
}

static unsigned count_threads(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

unsigned contract_threads(void)
{
    unsigned fewest = count_threads();
    for (unsigned i = 0; i < 100; i++) {
        usleep(1000);
        unsigned count = count_threads();
        fewest = count < fewest ? count : fewest;
    }
    return fewest;
}

void contract_expect_threads(unsigned expected)
{
    for (unsigned i = 0; i < 1000 && count_threads() != expected; i++)
        usleep(1000);
    ck_assert_uint_eq(count_threads(), expected);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

size_t __sanitizer_get_current_allocated_bytes(void);

size_t contract_memory(void)
{
    return __sanitizer_get_current_allocated_bytes();
}

#else

size_t contract_memory(void)
{
    unsigned long pages;
    FILE *file = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%*u %lu", &pages), 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

#endif
