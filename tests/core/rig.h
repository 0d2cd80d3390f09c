/* The fixture of the core suites: a loop, a model that does nothing, and requests for both. */
#ifndef TANDEM_TESTS_RIG_H
#define TANDEM_TESTS_RIG_H

#include "config/config.h"
#include "core/loop.h"
#include "core/model.h"
#include "core/request.h"

enum { RIG_REQUESTS_MAX = 16384 };

extern struct loop *rig_loop;
extern struct config rig_config; /* queue_limit 10, 4 threads */
extern struct model rig_model;   /* called "rig" */

/* The requests that came back to the loop, in order of return; rig_close frees them. */
extern struct request *rig_returned[RIG_REQUESTS_MAX];
extern unsigned rig_returned_count;

void rig_open(void);
void rig_close(void);

/* Returns a new GET request for /rig, owned by the caller until it comes back to the loop. */
struct request *rig_request(void);

/* Calls step on the loop, then runs the loop until rig_returned_count is count. step may be NULL. */
void rig_run(void (*step)(void), unsigned count);

#endif
