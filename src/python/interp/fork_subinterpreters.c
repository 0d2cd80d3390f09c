#include "python/interp/fork_subinterpreters.h"

#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE
#include <Python.h>
#include <internal/pycore_runtime.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/check.h"

/* Before fork(2) returns, and so before Python's own steps in the child. The subinterpreters' memory is the child's for
 * good. */
static void after_fork_in_child(void)
{
    if (!_PyRuntime.interpreters.main) /* Python has not started, or has ended */
        return;
    _PyRuntime.interpreters.head = _PyRuntime.interpreters.main;
    _PyRuntime.interpreters.main->next = NULL;
}

void fork_subinterpreters_watch(void)
{
    static bool watching;
    if (!watching)
        CHECK(pthread_atfork(NULL, NULL, after_fork_in_child) == 0);
    watching = true;
}
