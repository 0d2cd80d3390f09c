#include "python/interp/fork_child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "python/interp/ending.h"
#include "python/interp/error.h"

/* Returns the exit status that a SystemExit asks for, as Python itself does: its code if that is a number, 0 for None,
 * else 1. */
static int exit_status(PyObject *exception)
{
    PyObject *code = PyObject_GetAttrString(exception, "code");
    long status = 1;
    if (code == Py_None)
        status = 0;
    else if (code && PyLong_Check(code))
        status = PyLong_AsLong(code);
    Py_XDECREF(code);
    PyErr_Clear();
    return (int)status;
}

static void on_alarm(int number)
{
    (void)number;
    _exit(FORK_RETURNED);
}

/* Another thread may have held the lock of a stream at the fork: nobody will release it. */
static void flush_within_a_second(void)
{
    (void)signal(SIGALRM, on_alarm);
    (void)alarm(1);
    ending_flush_streams();
    (void)alarm(0);
}

void fork_child_leave(void)
{
    char how[100] = "has returned to the server";
    PyObject *exception = PyErr_GetRaisedException();
    if (exception && PyErr_GivenExceptionMatches(exception, PyExc_SystemExit)) {
        int status = exit_status(exception);
        flush_within_a_second();
        _exit(status);
    }
    if (exception) {
        PyErr_SetRaisedException(exception);
        char *summary = error_take_summary();
        (void)snprintf(how, sizeof how, "has raised %s", summary ? summary : "an exception");
        free(summary);
    }
    flush_within_a_second();
    fork_end_child(how);
}

static PyObject *check(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    (void)self;
    (void)keywords;
    PyObject *exception = fork_is_child() && PyTuple_GET_SIZE(arguments) == 1 ? PyTuple_GET_ITEM(arguments, 0) : NULL;
    if (exception && PyExceptionInstance_Check(exception))
        PyErr_SetRaisedException(Py_NewRef(exception));
    fork_child_check();
    Py_RETURN_NONE;
}

PyObject *fork_child_check_function_new(void)
{
    static PyMethodDef method = {"check_child", (PyCFunction)(void (*)(void))check, METH_VARARGS | METH_KEYWORDS, NULL};
    return PyCFunction_New(&method, NULL);
}
