/* Threads that run Python side by side, each in its own interpreter or in the main one. */
#ifndef TANDEM_TESTS_MEMBERS_H
#define TANDEM_TESTS_MEMBERS_H

#include <uv.h>

#include "python/interp/thread.h"

enum { MEMBERS_MAX = 8 };

/* Where the threads of members_run may wait for each other inside their subinterpreters. */
extern uv_barrier_t members_barrier;

/* Starts Python, with empty packages. */
void members_open(void);
void members_close(void);

/* Runs what on count threads at the same time. Each thread is inside a subinterpreter of its own, which is made before
 * the call and ended after it. */
void members_run(unsigned count, void (*what)(unsigned member, struct python_thread *thread));

/* Runs the function on a new thread, and joins it. */
void members_run_alone(void (*function)(void *), void *argument);

#endif
