/* What the suites of core stand on: a loop, a model that does nothing, and requests of both. */
#ifndef TANDEM_TESTS_RIG_H
#define TANDEM_TESTS_RIG_H

#include "core/config.h"
#include "core/loop.h"
#include "core/model.h"
#include "core/request.h"

enum { RIG_REQUESTS_MAX = 16384 };

extern struct loop *rig_loop;
extern struct config rig_config; /* queue_limit 10, 4 threads */
extern struct model rig_model;   /* called "rig" */

/* The requests that came back to the loop, in that order; rig_close frees them. */
extern struct request *rig_returned[RIG_REQUESTS_MAX];
extern unsigned rig_returned_count;

void rig_open(void);
void rig_close(void);

/* A GET of /rig of the loop and the model. */
struct request *rig_request(void);

/* Runs step on the loop, then the loop until count requests in all have come back. */
void rig_run(void (*step)(void), unsigned count);

#endif
