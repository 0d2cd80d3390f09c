#include "python/wsgi/pieces.h"

#include "python/interp/error.h"
#include "python/interp/fork_child.h"

bool wsgi_check_piece(PyObject *piece)
{
    if (PyBytes_Check(piece))
        return true;
    PyErr_Format(PyExc_TypeError, "a WSGI app's pieces are bytes, not %s", Py_TYPE(piece)->tp_name);
    return false;
}

void wsgi_close_result(PyObject *result)
{
    if (PyList_CheckExact(result) || PyTuple_CheckExact(result))
        return;
    PyObject *close = PyObject_GetAttrString(result, "close");
    if (!close) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError))
            error_log("app");
        PyErr_Clear();
        return;
    }
    PyObject *closed = PyObject_CallNoArgs(close);
    fork_child_check();
    if (!closed)
        error_log("app");
    Py_XDECREF(closed);
    Py_DECREF(close);
}

PyObject *wsgi_next_piece(PyObject *iterator)
{
    for (;;) {
        PyObject *piece = PyIter_Next(iterator);
        fork_child_check();
        if (!piece)
            return NULL;
        bool right = wsgi_check_piece(piece);
        if (right && PyBytes_GET_SIZE(piece) > 0)
            return piece;
        Py_DECREF(piece);
        if (!right)
            return NULL;
    }
}
