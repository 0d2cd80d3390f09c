/* The end of Python: what it waits for, which is threads of the app's that are no daemons, and exit handlers (atexit);
 * and what is printed, if the process ends without it. */
#ifndef TANDEM_PYTHON_INTERP_ENDING_H
#define TANDEM_PYTHON_INTERP_ENDING_H

#include <stdbool.h>
#include <stddef.h>

/* MAIN thread, the GIL held, right before Python is finalized. Notes the threads that it will wait for. */
void ending_start(void);

/* MAIN thread, once Python is finalized. */
void ending_over(void);

/* ANY thread that does not hold the GIL, right before the process ends by _exit(2) or execve(2). Flushes the main
 * interpreter's sys.stdout and sys.stderr, if the GIL comes free soon: within a tenth of a second. Does nothing if
 * Python does not run or is being finalized, and at a second call. */
void ending_flush(void);

/* The GIL held. Flushes this interpreter's sys.stdout and sys.stderr. */
void ending_flush_streams(void);

/* ANY thread; takes no lock. False: Python is not being finalized. Else writes what its end waits for, such as
 * "the app's non-daemon thread 'Thread-1 (work)' has not ended", and returns true. */
bool ending_describe(char *out, size_t size);

#endif
