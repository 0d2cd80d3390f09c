#include "python/interp/module_lock.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>

#include "base/check.h"

/* Whose turn it is. An interpreter may take a turn within its own, on any of its threads: a module's initialization
 * imports others, and its threads have one GIL. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static const PyInterpreterState *holder;
static unsigned depth;

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    const PyInterpreterState *mine = PyInterpreterState_Get();
    Py_BEGIN_ALLOW_THREADS CHECK(pthread_mutex_lock(&lock) == 0);
    while (holder && holder != mine)
        CHECK(pthread_cond_wait(&ended, &lock) == 0);
    holder = mine;
    depth++;
    CHECK(pthread_mutex_unlock(&lock) == 0);
    Py_END_ALLOW_THREADS Py_RETURN_NONE;
}

static PyObject *leave(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    CHECK(pthread_mutex_lock(&lock) == 0);
    if (--depth == 0) {
        holder = NULL;
        CHECK(pthread_cond_broadcast(&ended) == 0);
    }
    CHECK(pthread_mutex_unlock(&lock) == 0);
    Py_RETURN_NONE;
}

enum err module_lock_open(void)
{
    static PyMethodDef enter_method = {"enter", enter, METH_NOARGS, NULL};
    static PyMethodDef leave_method = {"leave", leave, METH_NOARGS, NULL};
    PyObject *module = PyImport_ImportModule("tandem.subinterpreter");
    PyObject *begin = module ? PyCFunction_New(&enter_method, NULL) : NULL;
    PyObject *end = begin ? PyCFunction_New(&leave_method, NULL) : NULL;
    PyObject *result = end ? PyObject_CallMethod(module, "one_at_a_time", "OO", begin, end) : NULL;
    Py_XDECREF(end);
    Py_XDECREF(begin);
    Py_XDECREF(module);
    Py_XDECREF(result);
    return result ? ERR_OK : ERR_PYTHON;
}
