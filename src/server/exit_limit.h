/* The last part of the process's end: the exit handlers and destructors of libraries, which exit(3) runs after main has
 * returned. One that hangs must not make the process unstoppable. */
#ifndef TANDEM_SERVER_EXIT_LIMIT_H
#define TANDEM_SERVER_EXIT_LIMIT_H

#include <stdint.h>

/* MAIN thread, when everything else has ended. From now on each signal that ends the server ends the process at once,
 * with this status. After limit_ns, at least a second, it is ended with status 1, and a line on stderr. */
void exit_limit_start(int status, uint64_t limit_ns);

#endif
