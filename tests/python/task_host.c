#include "python/task_host.h"

#include "assertions.h"
#include <string.h>

#include "base/clock.h"
#include "captured_log.h"
#include "python/tree.h"

struct tasks task_host_tasks;
static struct request *departing[VARIANTS_REQUESTS_MAX];
static unsigned departing_count, away;

/* Runs on the event loop, and starts the tasks of the departing requests. */
static PyObject *depart(PyObject *unused, PyObject *none)
{
    (void)unused;
    (void)none;
    for (unsigned i = 0; i < departing_count; i++) {
        task_start(&task_host_tasks, departing[i], clock_ns());
        ck_assert_ptr_null(PyErr_Occurred());
    }
    departing_count = 0;
    Py_RETURN_NONE;
}

void task_host_open(void)
{
    static PyMethodDef definition = {"depart", depart, METH_NOARGS, NULL};
    implementations_open();
    tree_python("import asyncio\nloop = asyncio.new_event_loop()\n");
    PyObject *module = PyImport_AddModule("__main__"), *loop = PyObject_GetAttrString(module, "loop");
    ck_assert_int_eq(PyModule_AddObject(module, "depart", PyCFunction_New(&definition, NULL)), 0);
    ck_assert(tasks_open(&task_host_tasks, implementations_thread, loop));
    Py_DECREF(loop); /* the module has a reference */
}

void task_host_close(void)
{
    ck_assert(LIST_EMPTY(&task_host_tasks.all));
    tasks_close(&task_host_tasks);
    tree_python("loop.close()\n");
    implementations_close();
}

void task_host_turn(void)
{
    tree_python("try:\n"
                "    loop.call_soon(depart)\n"
                "    loop.run_until_complete(asyncio.sleep(0))\n"
                "except (SystemExit, KeyboardInterrupt):\n"
                "    pass\n");
}

void task_host_start(struct request *request)
{
    departing[departing_count++] = request;
    away++;
}

static void nothing(void)
{
}

void task_host_finish_all(void)
{
    while (departing_count || !LIST_EMPTY(&task_host_tasks.all))
        task_host_turn();
    variants_run(nothing, away);
    away = 0;
}

struct request *task_host_run(const struct workload *workload)
{
    struct request *request = implementation_request(workload);
    task_host_start(request);
    task_host_finish_all();
    return request;
}

const char *task_host_failure(const struct workload *workload)
{
    captured_log_begin();
    struct request *request = task_host_run(workload);
    const char *log = captured_log_end();
    variants_expect_failure(request);
    char expected[128];
    snprintf(expected, sizeof expected, " ERROR GET %s in test-model failed: ", workload->name);
    ck_assert_msg(strstr(log, expected) != NULL, "%s", log);
    return log;
}
