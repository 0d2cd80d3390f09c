#include "python/interp/slot_wrappers.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* The wrapped methods that a type of the main interpreter has itself: their names, each followed by a NUL. */
struct noted {
    const PyTypeObject *type;
    struct buf names;
};

static struct noted *noted;
static size_t count, capacity;

bool slot_wrappers_needed(void)
{
    return Py_Version < 0x030c0500;
}

/* Calls visit for the type and all static types below it, with its dictionary in this interpreter. False: visit failed,
 * or an exception is set. */
static bool each_below(PyTypeObject *type, bool (*visit)(PyTypeObject *type, PyObject *dictionary))
{
    PyObject *dictionary = PyType_GetDict(type);
    bool good = dictionary && visit(type, dictionary);
    Py_XDECREF(dictionary);
    PyObject *subclasses = good ? PyObject_CallMethod((PyObject *)type, "__subclasses__", NULL) : NULL;
    good = subclasses != NULL;
    for (Py_ssize_t i = 0; good && i < PyList_GET_SIZE(subclasses); i++) {
        PyTypeObject *below = (PyTypeObject *)PyList_GET_ITEM(subclasses, i);
        if (below != &PyType_Type && !(below->tp_flags & Py_TPFLAGS_HEAPTYPE))
            good = each_below(below, visit);
    }
    Py_XDECREF(subclasses);
    return good;
}

/* type.__subclasses__() is type's own method, so type is visited by itself. */
static bool each_static(bool (*visit)(PyTypeObject *type, PyObject *dictionary))
{
    PyObject *dictionary = PyType_GetDict(&PyType_Type);
    bool good = dictionary && visit(&PyType_Type, dictionary) && each_below(&PyBaseObject_Type, visit);
    Py_XDECREF(dictionary);
    return good;
}

static bool out_of_memory(void)
{
    PyErr_NoMemory();
    return false;
}

static bool is_wrapper(PyObject *key, PyObject *value)
{
    return Py_IS_TYPE(value, &PyWrapperDescr_Type) && PyUnicode_Check(key);
}

static bool note(PyTypeObject *type, PyObject *dictionary)
{
    if (count == capacity) {
        size_t more = capacity ? 2 * capacity : 256;
        struct noted *grown = realloc(noted, more * sizeof *noted);
        if (!grown)
            return out_of_memory();
        noted = grown;
        capacity = more;
    }
    struct noted *one = &noted[count++];
    *one = (struct noted){.type = type};
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dictionary, &at, &key, &value)) {
        const char *name = is_wrapper(key, value) ? PyUnicode_AsUTF8(key) : NULL;
        if (name && buf_append(&one->names, name, strlen(name) + 1) != ERR_OK)
            return out_of_memory();
    }
    return !PyErr_Occurred();
}

bool slot_wrappers_remember(void)
{
    return count > 0 || !slot_wrappers_needed() || each_static(note);
}

static const struct noted *find(const PyTypeObject *type)
{
    for (size_t i = 0; i < count; i++)
        if (noted[i].type == type)
            return &noted[i];
    return NULL;
}

static bool has(const struct noted *one, const char *name)
{
    for (size_t at = 0; at < one->names.length; at += strlen(one->names.bytes + at) + 1)
        if (strcmp(one->names.bytes + at, name) == 0)
            return true;
    return false;
}

/* Returns a list of the names of the type's surplus methods; NULL: an exception is set. */
static PyObject *surplus_of(const struct noted *one, PyObject *dictionary)
{
    PyObject *surplus = PyList_New(0), *key, *value;
    Py_ssize_t at = 0;
    while (surplus && PyDict_Next(dictionary, &at, &key, &value)) {
        const char *name = is_wrapper(key, value) ? PyUnicode_AsUTF8(key) : NULL;
        if (PyErr_Occurred() || (name && !has(one, name) && PyList_Append(surplus, key)))
            Py_CLEAR(surplus);
    }
    return surplus;
}

static bool prune(PyTypeObject *type, PyObject *dictionary)
{
    const struct noted *one = find(type);
    if (!one)
        return true; /* an extension module's: all interpreters share its dictionary */
    PyObject *surplus = surplus_of(one, dictionary);
    bool good = surplus != NULL;
    for (Py_ssize_t i = 0; good && i < PyList_GET_SIZE(surplus); i++)
        good = PyDict_DelItem(dictionary, PyList_GET_ITEM(surplus, i)) == 0;
    Py_XDECREF(surplus);
    return good;
}

/* PyType_Modified would write to the types, which interpreters with other GILs use at this time. The cache of methods
 * is the interpreter's own. */
bool slot_wrappers_prune(void)
{
    if (!slot_wrappers_needed())
        return true;
    bool good = each_static(prune);
    (void)PyType_ClearCache();
    return good;
}

void slot_wrappers_forget(void)
{
    while (count > 0)
        buf_free(&noted[--count].names);
    free(noted);
    noted = NULL;
    capacity = 0;
}
