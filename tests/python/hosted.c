#include "python/hosted.h"

#include "assertions.h"
#include <stdio.h>
#include <unistd.h>

#include "python/interp/runtime.h"
#include "python/interp/thread.h"
#include "python/tree.h"

static struct workload made[WORKLOADS_MAX];
static unsigned made_count;
static int told[2], held[2]; /* pipes: every interpreter has the same descriptors */

static void write_events(void)
{
    char code[256];
    snprintf(code, sizeof code,
             "import os\n"
             "def tell():\n    os.write(%d, b'x')\n"
             "def hold():\n    os.read(%d, 1)\n",
             told[1], held[0]);
    tree_write("tandem/events.py", code);
}

void hosted_open(const struct model_ops *ops)
{
    tree_open();
    tree_write_packages();
    ck_assert_int_eq(pipe(told), 0);
    ck_assert_int_eq(pipe(held), 0);
    tree_copy("tandem/asyncio_loop.py");
    write_events();
    rig_open();
    rig_config.queue_limit = RIG_REQUESTS_MAX;
    rig_model.ops = ops;
    made_count = 0;
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
}

void hosted_close(bool started)
{
    if (started)
        rig_model.ops->stop(&rig_model);
    python_stop();
    rig_close();
    tree_close();
    for (unsigned i = 0; i < 2; i++) {
        close(told[i]);
        close(held[i]);
    }
}

void hosted_start(void)
{
    ck_assert_msg(rig_model.ops->start(&rig_model) == ERR_OK, "%s", err_message());
}

const struct workload *hosted_implementation(const char *name, const char *code)
{
    char file[128];
    ck_assert_uint_lt(made_count, WORKLOADS_MAX);
    made[made_count] = (struct workload){.name = name, .params = {{.name = "n", .max = INT64_MAX}}};
    snprintf(file, sizeof file, "tandem/workloads/%s.py", name);
    tree_write(file, code);
    return &made[made_count++];
}

struct request *hosted_submit(const struct workload *workload, int64_t n)
{
    struct request *request = rig_request();
    request->workload = workload;
    request->workload_index = (unsigned)(workload - made);
    request->target = workload->name;
    request->params[0] = n;
    request->submitted_ns = 1;
    ck_assert_int_eq(rig_model.ops->submit(&rig_model, request), ERR_OK);
    return request;
}

void hosted_flush(void)
{
    rig_model.ops->flush(&rig_model, rig_loop);
}

static const struct workload *called;
static int64_t called_with;
static struct request *call;

static void submit_call(void)
{
    call = hosted_submit(called, called_with);
    hosted_flush();
}

struct request *hosted_call(const struct workload *workload, int64_t n)
{
    called = workload;
    called_with = n;
    rig_run(submit_call, rig_returned_count + 1);
    return call;
}

void hosted_wait_told(unsigned count)
{
    char byte;
    while (count--)
        ck_assert_int_eq(read(told[0], &byte, 1), 1);
}

void hosted_let_go(unsigned count)
{
    while (count--)
        ck_assert_int_eq(write(held[1], "x", 1), 1);
}

void hosted_python(const char *code)
{
    struct python_thread *thread = python_thread_new();
    ck_assert_ptr_nonnull(thread);
    python_enter(thread);
    tree_python(code);
    python_leave(thread);
    python_thread_end(thread);
}
