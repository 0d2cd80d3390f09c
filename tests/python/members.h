/* Threads that run Python side by side, each in an interpreter of its own or in the main one. */
#ifndef TANDEM_TESTS_MEMBERS_H
#define TANDEM_TESTS_MEMBERS_H

#include <uv.h>

#include "python/python_thread.h"

enum { MEMBERS_MAX = 8 };

/* A member's thread, inside its subinterpreter, may wait here for the others. */
extern uv_barrier_t members_barrier;

/* Python, started, with empty packages. */
void members_open(void);
void members_close(void);

/* Runs what on count threads, each inside a subinterpreter of its own, made for it and ended after it. */
void members_run(unsigned count, void (*what)(unsigned member, struct python_thread *thread));

/* Runs the function on one thread. */
void members_run_alone(void (*function)(void *), void *argument);

#endif
