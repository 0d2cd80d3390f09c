/* Works around how CPython 3.12 frees the argument parsers of C functions with keyword arguments.
 *
 * A parser is made when its function is first called. It lives in the memory of the calling interpreter and joins a
 * process-wide list (Python/getargs.c). Finalizing frees the whole list as the main interpreter's memory. If a parser
 * belongs to a subinterpreter with its own allocator, the process crashes. With 3.13 emptying the list is not enough
 * (docs/models/py-subinterp.md), so nothing is done there. */
#ifndef TANDEM_PYTHON_INTERP_ARG_PARSERS_H
#define TANDEM_PYTHON_INTERP_ARG_PARSERS_H

/* MAIN thread, the main GIL held, every subinterpreter ended, right before Python is finalized. Empties the list, so
 * the parsers stay allocated until the process ends. */
void arg_parsers_leave(void);

#endif
