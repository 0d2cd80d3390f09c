/* An asyncio loop on the main thread, which turns only when the test says so, and twins that fly on it. */
#ifndef TANDEM_TESTS_AIRPORT_H
#define TANDEM_TESTS_AIRPORT_H

#include "python/flight.h"
#include "twins.h"

extern struct flights airport_flights;

/* Python's __main__ has it as loop. */
void airport_open(void);
void airport_close(void);

/* The request starts with the next turn. */
void airport_depart(struct request *request);

/* One turn of the event loop. */
void airport_turn(void);

/* Turns until nothing flies any more, and takes all that departed back. */
void airport_land_all(void);

/* Calls the evented form of a twin; the request, which has come back. */
struct request *airport_fly(const struct workload *workload);

/* The same, which has to be a 500 that keeps its reason to itself. The log's lines, until the next call. */
const char *airport_failure(const struct workload *workload);

#endif
