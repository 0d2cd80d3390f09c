/* The parsers of C functions with keyword arguments, as CPython 3.12 leaves them behind.
 *
 * A parser is made when its function is first called, in the memory of the interpreter that calls it, and put into a
 * list of the process (Python/getargs.c). Finalizing frees them all as the main interpreter's: of one that a
 * subinterpreter with memory of its own was the first to use, the process dies. With 3.13
 * emptying the list is not enough (docs/models/py-subinterp.md). */
#ifndef TANDEM_PYTHON_ARG_PARSERS_H
#define TANDEM_PYTHON_ARG_PARSERS_H

/* MAIN thread, the main GIL held, every subinterpreter ended, right before Python is finalized. Leaves the parsers to
 * the end of the process. */
void arg_parsers_leave(void);

#endif
