/* Python exceptions, translated where they enter. */
#ifndef TANDEM_PYTHON_ERROR_H
#define TANDEM_PYTHON_ERROR_H

/* The GIL held, an exception set. Clears it and returns its traceback as Python would print it; owned, from malloc;
 * NULL where memory ran out. */
char *error_take_traceback(void);

/* The same, but only "Type: text". */
char *error_take_summary(void);

#endif
