#include "contract.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "python/runtime.h"
#include "workloads/workloads.h"

static void on_answered(struct loop *loop, struct request *request)
{
    struct contract *contract = loop->front;
    ck_assert_ptr_eq(loop_current(), loop);
    ck_assert_ptr_eq(loop, contract->loop);
    unsigned index = 0;
    while (contract->requests[index] != request)
        ck_assert_uint_lt(++index, contract->submitted + 1);
    contract->answers[index]++;
    contract->answered++;
    if (contract->answered == contract->submitted && !contract->stepping)
        uv_stop(&loop->uv);
}

void contract_open(struct contract *contract, const char *mode, unsigned threads, unsigned queue_limit)
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
    ck_assert_int_eq(loop_new(0, &contract->loop), ERR_OK);
    contract->loop->on_answered = on_answered;
    contract->loop->front = contract;
    ck_assert_int_eq(workloads_setup(&workloads), ERR_OK);
    contract->python = models_need_python(&contract->models);
    if (contract->python)
        ck_assert_msg(python_start(NULL) == ERR_OK, "%s", err_message());
    contract->model = &contract->models.list[0];
    contract->model->config = &contract->config;
    contract->model->workloads = &workloads;
    contract->model->loops = &contract->loop;
    contract->model->loop_count = 1;
}

void contract_start(struct contract *contract)
{
    ck_assert_msg(models_start(&contract->models) == ERR_OK, "%s", err_message());
}

static void (*next_step)(struct contract *contract);

static void on_step(uv_timer_t *timer)
{
    struct contract *contract = timer->data;
    uv_close((uv_handle_t *)timer, NULL);
    contract->stepping = true;
    next_step(contract);
    contract_flush(contract);
    contract->stepping = false;
    if (contract->answered == contract->submitted)
        uv_stop(&contract->loop->uv);
}

void contract_run(struct contract *contract, void (*step)(struct contract *contract))
{
    static uv_timer_t timer;
    next_step = step;
    uv_timer_init(&contract->loop->uv, &timer);
    timer.data = contract;
    uv_timer_start(&timer, on_step, 0, 0);
    loop_run(contract->loop);
    for (unsigned i = 0; i < contract->submitted; i++)
        ck_assert_msg(contract->answers[i] == 1, "request %u came back %u times", i, contract->answers[i]);
}

enum err contract_submit(struct contract *contract, const char *workload, int64_t first, int64_t second)
{
    ck_assert_uint_lt(contract->submitted, CONTRACT_REQUESTS_MAX);
    struct request *request = request_new(contract->loop, 1);
    ck_assert_ptr_nonnull(request);
    request->model = contract->model;
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
    contract->requests[contract->submitted++] = request;
    if (contract->model->ops->refuses)
        ck_assert_ptr_null(contract->model->ops->refuses(contract->model, request));
    enum err err = contract->model->ops->submit(contract->model, request);
    if (err) {
        /* Still the caller's, and untouched. */
        ck_assert_uint_eq(request->reply.status, 0);
        contract->submitted--;
        request_free(request);
    }
    return err;
}

void contract_flush(struct contract *contract)
{
    if (contract->model->ops->flush)
        contract->model->ops->flush(contract->model, contract->loop);
}

void contract_forget(struct contract *contract)
{
    for (unsigned i = 0; i < contract->submitted; i++)
        request_free(contract->requests[i]);
    memset(contract->answers, 0, sizeof contract->answers);
    contract->submitted = contract->answered = 0;
}

void contract_close(struct contract *contract, bool started)
{
    contract_forget(contract);
    if (started)
        models_stop(&contract->models);
    if (contract->python)
        python_stop();
    workloads_teardown(&workloads);
    loop_free(contract->loop);
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
