#include "python/workload_calls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/list.h"
#include "core/model.h"
#include "python/error.h"

static const char run_name[] = "run", start_name[] = "start";

static PyObject *import_form(const struct workload *workload, const char *form_name)
{
    char module_name[128];
    (void)snprintf(module_name, sizeof module_name, "tandem.workloads.%s", workload->name);
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *form = module ? PyObject_GetAttrString(module, form_name) : NULL;
    Py_XDECREF(module);
    return form;
}

static bool loaded(const struct twin *twin)
{
    return twin->form || twin->refusal;
}

/* Sets the twin's form or its refusal. False: an exception is set, and neither. */
static bool load(struct twin *twin, const struct workload *workload, const char *form_name)
{
    twin->form = import_form(workload, form_name);
    if (twin->form)
        return true;
    if (!PyErr_ExceptionMatches(PyExc_ImportError))
        return false;
    twin->refusal = error_take_summary();
    if (!twin->refusal)
        PyErr_NoMemory();
    return twin->refusal != NULL;
}

/* One thread at a time, since an import lets go of the GIL, and where it fails CPython may show another thread that
 * waits for it a KeyError of its own. Who waits for the lock does not hold the GIL meanwhile. */
static bool load_once(struct python_thread *thread, struct twin *twin, const struct workload *workload,
                      const char *form_name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    python_leave(thread);
    CHECK(pthread_mutex_lock(&lock) == 0);
    python_enter(thread);
    bool good = loaded(twin) || load(twin, workload, form_name);
    CHECK(pthread_mutex_unlock(&lock) == 0);
    return good;
}

static void unload(struct twin *twin)
{
    Py_CLEAR(twin->form);
    free(twin->refusal);
    twin->refusal = NULL;
}

void workload_calls_unload(struct workload_calls *calls)
{
    for (unsigned i = 0; i < WORKLOADS_MAX; i++) {
        unload(&calls->blocking[i]);
        unload(&calls->evented[i]);
    }
}

static void let_go(struct kept *kept)
{
    workload_calls_unload(CONTAINER_OF(kept, struct workload_calls, kept));
}

/* The arguments, as new references; returns how many, -1 with an exception set. */
static int make_arguments(const struct request *request, PyObject *arguments[PARAMS_MAX])
{
    const struct workload *workload = request->workload;
    int count = 0;
    if (workload->takes_body) {
        arguments[count++] = PyBytes_FromStringAndSize(request->body, (Py_ssize_t)request->body_bytes);
        arguments[count++] =
            request->content_type
                ? PyUnicode_DecodeLatin1(request->content_type, (Py_ssize_t)strlen(request->content_type), NULL)
                : Py_NewRef(Py_None);
    }
    for (unsigned i = 0; workload->params[i].name; i++) {
        const struct param *param = &workload->params[i];
        arguments[count++] = param->choices[0] ? PyUnicode_FromString(param->choices[request->params[i]])
                                               : PyLong_FromLongLong(request->params[i]);
    }
    for (int i = 0; i < count; i++)
        if (!arguments[i]) {
            while (count--)
                Py_XDECREF(arguments[count]);
            return -1;
        }
    return count;
}

/* Reads (content_type, body) into the reply. False: an exception is set. */
static bool take_result(struct request *request, PyObject *result)
{
    if (!PyTuple_CheckExact(result) || PyTuple_GET_SIZE(result) != 2 || !PyUnicode_Check(PyTuple_GET_ITEM(result, 0)) ||
        !PyBytes_Check(PyTuple_GET_ITEM(result, 1))) {
        PyErr_Format(PyExc_TypeError, "a workload returns (content_type: str, body: bytes), not %R", result);
        return false;
    }
    PyObject *type = PyTuple_GET_ITEM(result, 0), *body = PyTuple_GET_ITEM(result, 1);
    reply_copy(&request->reply, 200, NULL, PyBytes_AS_STRING(body), (size_t)PyBytes_GET_SIZE(body));
    if (request->reply.status != 200)
        return true;
    if (PyUnicode_KIND(type) != PyUnicode_1BYTE_KIND) {
        PyErr_Format(PyExc_ValueError, "the content type %R is not latin-1", type);
        return false;
    }
    reply_copy_type(&request->reply, (const char *)PyUnicode_1BYTE_DATA(type), (size_t)PyUnicode_GET_LENGTH(type));
    return true;
}

/* What the form returns, a new reference; NULL with an exception set. */
static PyObject *call(const struct twin *twin, const struct request *request)
{
    PyObject *arguments[1 + 2 + PARAMS_MAX] = {NULL};
    int count = make_arguments(request, arguments + 1);
    if (count < 0)
        return NULL;
    PyObject *result =
        PyObject_Vectorcall(twin->form, arguments + 1, (size_t)count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    while (count > 0)
        Py_DECREF(arguments[count--]);
    return result;
}

void workload_answer(struct request *request, PyObject *result)
{
    if (!result || !take_result(request, result))
        error_fail(request);
}

/* Whether the form is there; else the reply says why not. */
static bool ready(struct python_thread *thread, struct twin *twin, struct request *request, const char *form_name)
{
    if (!thread->calls->kept.let_go)
        kept_add(&thread->interpreter->kept, &thread->calls->kept, let_go);
    if (!loaded(twin) && !load_once(thread, twin, request->workload, form_name)) {
        error_fail(request);
        return false;
    }
    if (twin->form)
        return true;
    reply_error(&request->reply, 501, REFUSED_UNSUPPORTED, "%s cannot run %s: %s", request->model->ops->name,
                request->workload->name, twin->refusal);
    return false;
}

PyObject *workload_call_evented(struct python_thread *thread, struct request *request)
{
    struct twin *twin = &thread->calls->evented[request->workload_index];
    if (!ready(thread, twin, request, start_name))
        return NULL;
    PyObject *coroutine = call(twin, request);
    if (!coroutine)
        error_fail(request);
    return coroutine;
}

const char *workload_refusal(const struct workload *workload, bool evented)
{
    switch (workload->python) {
    case PYTHON_TWINS:
        return NULL;
    case PYTHON_WSGI:
        return evented ? "it is a WSGI app, which blocks" : NULL;
    case PYTHON_ASGI:
        return evented ? NULL : "it is an ASGI app, which py-asyncio runs";
    default:
        return "it is not in Python";
    }
}

void workload_call(struct python_thread *thread, struct request *request)
{
    struct twin *twin = &thread->calls->blocking[request->workload_index];
    if (ready(thread, twin, request, run_name)) {
        PyObject *result = call(twin, request);
        workload_answer(request, result);
        Py_XDECREF(result);
    }
}
