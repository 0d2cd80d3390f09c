#include "twins.h"

#include "assertions.h"
#include <string.h>

#include "captured_log.h"
#include "python/runtime.h"
#include "tree.h"

struct python_thread *twins_thread;
static struct workload made[WORKLOADS_MAX];
static unsigned made_count;
static const struct workload nothing = {.name = "nothing"};

void twins_open(void)
{
    tree_open();
    tree_write_packages();
    forms_open(&nothing);
    ck_assert_msg(python_start(NULL) == ERR_OK, "%s", err_message());
    twins_thread = python_thread_new();
    ck_assert_ptr_nonnull(twins_thread);
    python_enter(twins_thread);
    tree_python("import sys\nsys.dont_write_bytecode = True\n"); /* a module may be written twice in a second */
}

void twins_close(void)
{
    const struct workload_calls *calls = twins_thread->calls;
    python_leave(twins_thread);
    python_thread_end(twins_thread);
    python_stop();
    for (unsigned i = 0; i < made_count; i++)
        ck_assert(!calls->blocking[i].form && !calls->blocking[i].refusal);
    forms_close();
    tree_close();
}

struct workload *twin(const char *name, const char *code)
{
    ck_assert_uint_lt(made_count, WORKLOADS_MAX);
    struct workload *workload = &made[made_count++];
    workload->name = name;
    if (code) {
        char file[128];
        snprintf(file, sizeof file, "tandem/workloads/%s.py", name);
        tree_write(file, code);
        tree_python("import importlib\nimportlib.invalidate_caches()\n");
    }
    return workload;
}

struct request *twin_request(const struct workload *workload)
{
    struct request *request = forms_request(0, 0);
    request->workload = workload;
    request->workload_index = (unsigned)(workload - made);
    request->target = workload->name;
    return request;
}

struct request *twin_call(const struct workload *workload)
{
    struct request *request = twin_request(workload);
    blocking_call(twins_thread, request, 1);
    ck_assert_ptr_null(PyErr_Occurred());
    return request;
}

const char *twin_failure(const struct workload *workload)
{
    captured_log_begin();
    struct request *request = twin_call(workload);
    const char *log = captured_log_end();
    forms_expect_failure(request);
    char expected[128];
    snprintf(expected, sizeof expected, " ERROR GET %s in test-model failed: ", workload->name);
    ck_assert_msg(strstr(log, expected) != NULL, "%s", log);
    return log;
}
