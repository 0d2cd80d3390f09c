#include "python/workloads/workload_module.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/list.h"
#include "core/model.h"
#include "python/interp/error.h"

enum { ARGUMENTS_MAX = 2 + PARAMS_MAX }; /* of a variant in Python: a body, its type, parameters */

static const char run_name[] = "run", start_name[] = "start";

static PyObject *import_variant(const struct workload *workload, const char *variant_name)
{
    char module_name[128];
    (void)snprintf(module_name, sizeof module_name, "tandem.workloads.%s", workload->name);
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *variant = module ? PyObject_GetAttrString(module, variant_name) : NULL;
    Py_XDECREF(module);
    return variant;
}

static bool loaded(const struct implementation *implementation)
{
    return implementation->variant || implementation->refusal;
}

/* Sets the variant or, after an ImportError, the refusal. False: an exception is set, and neither is. */
static bool load(struct implementation *implementation, const struct workload *workload, const char *variant_name)
{
    implementation->variant = import_variant(workload, variant_name);
    if (implementation->variant)
        return true;
    if (!PyErr_ExceptionMatches(PyExc_ImportError))
        return false;
    implementation->refusal = error_take_summary();
    if (!implementation->refusal)
        PyErr_NoMemory();
    return implementation->refusal != NULL;
}

/* The GIL held. Loads the variant, one thread at a time: an import releases the GIL, and if it fails, another thread
 * that waits for the same import may get a KeyError from CPython. A thread waits for the lock without holding the GIL.
 * False: an exception is set. */
static bool load_once(struct python_thread *thread, struct implementation *implementation,
                      const struct workload *workload, const char *variant_name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    python_leave(thread);
    CHECK(pthread_mutex_lock(&lock) == 0);
    python_enter(thread);
    bool good = loaded(implementation) || load(implementation, workload, variant_name);
    CHECK(pthread_mutex_unlock(&lock) == 0);
    return good;
}

static void unload(struct implementation *implementation)
{
    Py_CLEAR(implementation->variant);
    free(implementation->refusal);
    implementation->refusal = NULL;
}

void workload_module_unload(struct workload_module *calls)
{
    for (unsigned i = 0; i < WORKLOADS_MAX; i++) {
        unload(&calls->blocking[i]);
        unload(&calls->evented[i]);
    }
}

static void let_go(struct kept *kept)
{
    workload_module_unload(CONTAINER_OF(kept, struct workload_module, kept));
}

/* Makes the arguments, new references. Returns their number; -1 with an exception set. */
static int make_arguments(const struct request *request, PyObject *arguments[ARGUMENTS_MAX])
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

/* Copies (content_type, body) into the reply. False: an exception is set. */
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

/* Calls the variant. Returns its result, a new reference; NULL with an exception set. */
static PyObject *call(const struct implementation *implementation, const struct request *request)
{
    PyObject *arguments[1 + ARGUMENTS_MAX] = {NULL};
    int count = make_arguments(request, arguments + 1);
    if (count < 0)
        return NULL;
    PyObject *result = PyObject_Vectorcall(implementation->variant, arguments + 1,
                                           (size_t)count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    while (count > 0)
        Py_DECREF(arguments[count--]);
    return result;
}

void workload_answer(struct request *request, PyObject *result)
{
    if (!result || !take_result(request, result))
        error_fail(request);
}

/* True if the variant is loaded; else the reply is written and says why not. */
static bool ready(struct python_thread *thread, struct implementation *implementation, struct request *request,
                  const char *variant_name)
{
    if (!thread->calls->kept.let_go)
        kept_add(&thread->interpreter->kept, &thread->calls->kept, let_go);
    if (!loaded(implementation) && !load_once(thread, implementation, request->workload, variant_name)) {
        error_fail(request);
        return false;
    }
    if (implementation->variant)
        return true;
    reply_error(&request->reply, 501, REFUSED_UNSUPPORTED, "%s cannot run %s: %s", request->model->ops->name,
                request->workload->name, implementation->refusal);
    return false;
}

PyObject *workload_call_evented(struct python_thread *thread, struct request *request)
{
    struct implementation *implementation = &thread->calls->evented[request->workload_index];
    if (!ready(thread, implementation, request, start_name))
        return NULL;
    PyObject *coroutine = call(implementation, request);
    if (!coroutine)
        error_fail(request);
    return coroutine;
}

const char *workload_refusal(const struct workload *workload, bool evented)
{
    switch (workload->python) {
    case PYTHON_MODULE:
        return NULL;
    case PYTHON_WSGI:
        return evented ? "it is a WSGI app, which blocks; py-inline, py-threads and py-subinterp run it" : NULL;
    case PYTHON_ASGI:
        return evented ? NULL : "it is an ASGI app, which py-asyncio runs";
    default:
        return "it is in C, and this model runs Python";
    }
}

void workload_call(struct python_thread *thread, struct request *request)
{
    struct implementation *implementation = &thread->calls->blocking[request->workload_index];
    if (ready(thread, implementation, request, run_name)) {
        PyObject *result = call(implementation, request);
        workload_answer(request, result);
        Py_XDECREF(result);
    }
}
