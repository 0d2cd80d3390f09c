/* Python exceptions, translated where they enter. */
#ifndef TANDEM_PYTHON_ERROR_H
#define TANDEM_PYTHON_ERROR_H

#include "core/request.h"

/* The GIL held, an exception set. Clears it and returns its traceback as Python would print it; owned, from malloc;
 * NULL where memory ran out. */
char *error_take_traceback(void);

/* The same, but only "Type: text"; of an exception of tandem's own the text. */
char *error_take_summary(void);

/* The same, and the exception stays set. */
char *error_summary(void);

/* The GIL held, an exception set. Clears it; its traceback goes to the log, behind "who: ". */
void error_log(const char *who);

/* The GIL held, an exception set. Clears it, and writes the reply that it makes of a request. */
void error_fail(struct request *request);

#endif
