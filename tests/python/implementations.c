#include "python/implementations.h"

#include "assertions.h"
#include <string.h>

#include "captured_log.h"
#include "python/interp/runtime.h"
#include "python/tree.h"

struct python_thread *implementations_thread;
static struct workload made[WORKLOADS_MAX];
static unsigned made_count;
static const struct workload nothing = {.name = "nothing"};

void implementations_open(void)
{
    tree_open();
    tree_write_packages();
    variants_open(&nothing);
    ck_assert_msg(python_start(NULL, NULL) == ERR_OK, "%s", err_message());
    implementations_thread = python_thread_new();
    ck_assert_ptr_nonnull(implementations_thread);
    python_enter(implementations_thread);
    tree_python("import sys\nsys.dont_write_bytecode = True\n"); /* a module may be written twice in the same second */
}

void implementations_close(void)
{
    const struct workload_module *calls = implementations_thread->calls;
    python_leave(implementations_thread);
    python_thread_end(implementations_thread);
    python_stop();
    for (unsigned i = 0; i < made_count; i++)
        ck_assert(!calls->blocking[i].variant && !calls->blocking[i].refusal);
    variants_close();
    tree_close();
}

struct workload *implementation(const char *name, const char *code)
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

struct request *implementation_request(const struct workload *workload)
{
    struct request *request = variants_request(0, 0);
    request->workload = workload;
    request->workload_index = (unsigned)(workload - made);
    request->target = workload->name;
    return request;
}

struct request *implementation_call(const struct workload *workload)
{
    struct request *request = implementation_request(workload);
    blocking_call(implementations_thread, request, 1);
    ck_assert_ptr_null(PyErr_Occurred());
    return request;
}

const char *implementation_failure(const struct workload *workload)
{
    captured_log_begin();
    struct request *request = implementation_call(workload);
    const char *log = captured_log_end();
    variants_expect_failure(request);
    char expected[128];
    snprintf(expected, sizeof expected, " ERROR GET %s in test-model failed: ", workload->name);
    ck_assert_msg(strstr(log, expected) != NULL, "%s", log);
    return log;
}
