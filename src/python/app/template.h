/* A template: a dict that is copied for each request. It keeps the values of the last request, so that a value which is
 * the same again need not be made. A value that is put in is immutable, since all copies share it. All functions run
 * with the GIL held. */
#ifndef TANDEM_PYTHON_APP_TEMPLATE_H
#define TANDEM_PYTHON_APP_TEMPLATE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

enum { TEMPLATE_TEXT_BYTES = 48 };

/* The text, as sent, whose decoded value the template has for a key. Zeroed memory: none is known. */
struct template_text {
    bool known; /* false if there is none, or if it is too long to be kept here */
    uint8_t length;
    char text[TEMPLATE_TEXT_BYTES];
};

/* Makes room for so many further keys, at most eight, in the template and so in its copies. False: an exception is set.
 */
bool template_make_room(PyObject *dict, unsigned count);

/* Sets the key to what decode returns for the text, a new reference or NULL with an exception set. Does nothing if the
 * value of the same text is there. False: an exception is set. */
bool template_put_text(PyObject *dict, PyObject *key, struct template_text *last, const char *text, size_t length,
                       PyObject *(*decode)(const char *text, size_t length));

/* Two ways to decode. */
PyObject *template_latin_1(const char *text, size_t length);
PyObject *template_bytes(const char *text, size_t length);

#endif
