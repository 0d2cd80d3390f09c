/* Translates Python exceptions into text, log lines and replies. */
#ifndef TANDEM_PYTHON_INTERP_ERROR_H
#define TANDEM_PYTHON_INTERP_ERROR_H

#include "core/request.h"

/* The GIL held, an exception set. Clears it. Returns its traceback as Python would print it, without the last newline.
 * Owned, from malloc; NULL if memory ran out. */
char *error_take_traceback(void);

/* The same, but returns only "Type: text", or only the text if the type is one of tandem's own. */
char *error_take_summary(void);

/* The same as error_take_summary, but the exception stays set. */
char *error_summary(void);

/* The GIL held, an exception set, which stays set. If it comes from a module that refuses subinterpreters, returns the
 * innermost cause in one line: "ImportError: module x does not support loading in subinterpreters". Owned, from malloc.
 * NULL: it comes from something else. */
char *error_refused_module(void);

/* The GIL held, an exception set. Clears it and logs its traceback after "who: ". */
void error_log(const char *who);

/* The GIL held, an exception set. Clears it, logs its traceback and makes the request's reply a 500. */
void error_fail(struct request *request);

#endif
