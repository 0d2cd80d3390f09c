#include "python/workload_calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "python/error.h"

struct twin {
    PyObject *run;
    char *refusal; /* why there is none */
};

static struct twin twins[WORKLOADS_MAX];
static unsigned twin_count;

static enum err load_twin(const struct workload *workload, struct twin *twin)
{
    char module_name[128];
    (void)snprintf(module_name, sizeof module_name, "tandem.workloads.%s", workload->name);
    PyObject *module = PyImport_ImportModule(module_name);
    twin->run = module ? PyObject_GetAttrString(module, "run") : NULL;
    Py_XDECREF(module);
    if (twin->run)
        return ERR_OK;
    if (PyErr_ExceptionMatches(PyExc_ImportError)) {
        twin->refusal = error_take_summary();
        return twin->refusal ? ERR_OK : err_fail(ERR_NOMEM, "out of memory");
    }
    char *traceback = error_take_traceback();
    log_error("%s", traceback ? traceback : "out of memory");
    free(traceback);
    return err_fail(ERR_PYTHON, "the Python module %s cannot be loaded", module_name);
}

enum err workload_calls_load(const struct workloads *workloads)
{
    CHECK(workloads->count <= WORKLOADS_MAX);
    for (unsigned i = 0; i < workloads->count; i++) {
        enum err err = load_twin(workloads->list[i], &twins[i]);
        if (err) {
            workload_calls_unload();
            return err;
        }
        twin_count = i + 1;
    }
    return ERR_OK;
}

void workload_calls_unload(void)
{
    while (twin_count--) {
        Py_CLEAR(twins[twin_count].run);
        free(twins[twin_count].refusal);
        twins[twin_count].refusal = NULL;
    }
    twin_count = 0;
}

const char *workload_calls_refusal(unsigned workload_index)
{
    return twins[workload_index].refusal;
}

/* The arguments, as new references; returns how many, -1 with an exception set. */
static int make_arguments(const struct request *request, PyObject *arguments[PARAMS_MAX])
{
    const struct workload *workload = request->workload;
    int count = 0;
    if (workload->takes_body) {
        arguments[count++] = PyBytes_FromStringAndSize(request->body, (Py_ssize_t)request->body_bytes);
        arguments[count++] = request->content_type
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

static bool call(struct request *request)
{
    PyObject *arguments[1 + 2 * PARAMS_MAX] = {NULL};
    int count = make_arguments(request, arguments + 1);
    if (count < 0)
        return false;
    PyObject *result = PyObject_Vectorcall(twins[request->workload_index].run, arguments + 1,
                                           (size_t)count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    while (count > 0)
        Py_DECREF(arguments[count--]);
    bool taken = result && take_result(request, result);
    Py_XDECREF(result);
    return taken;
}

void workload_call(struct python_thread *thread, struct request *request, uint64_t picked_up_ns)
{
    uint64_t waited_ns = counter_read(&thread->account.wait_ns);
    request->started_ns = picked_up_ns;
    if (!call(request)) {
        char *traceback = error_take_traceback();
        request_fail(request, "%s", traceback ? traceback : "out of memory");
        free(traceback);
    }
    request->gil_ns += counter_read(&thread->account.wait_ns) - waited_ns;
    request->finished_ns = clock_ns();
}
