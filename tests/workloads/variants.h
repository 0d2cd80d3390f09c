/* The fixture of the workloads' suites: one workload and one loop, and its two C variants, called as a model calls
 * them. */
#ifndef TANDEM_TESTS_VARIANTS_H
#define TANDEM_TESTS_VARIANTS_H

#include "core/loop.h"
#include "core/model.h"
#include "core/request.h"
#include "core/workload.h"

enum variant { BLOCKING, EVENTED, VARIANT_COUNT };
enum { VARIANTS_REQUESTS_MAX = 128 };

extern struct loop *variants_loop;
extern struct model variants_model; /* called "test-model" */

/* The requests that came back to the loop, in order of return. */
extern struct request *variants_returned[VARIANTS_REQUESTS_MAX];
extern unsigned variants_returned_count;

/* Sets up the workload, and makes a loop. */
void variants_open(const struct workload *workload);

/* Frees the requests and everything else. Fails the test if a request still comes back then. */
void variants_close(void);

/* Returns a request for the workload with these parameters; variants_close frees it. */
struct request *variants_request(int64_t first, int64_t second);

/* Calls the variant and waits for the reply. The blocking variant runs on a thread of its own, the evented one on the
 * loop. */
void variants_call(enum variant variant, struct request *request);

/* Calls step on the loop, then runs the loop until count more requests have come back. */
void variants_run(void (*step)(void), unsigned count);

void variants_expect(const struct request *request, unsigned status, const char *type, const char *body);

/* Calls the variant with these parameters, and expects 200 with this body. */
void variants_expect_answer(enum variant variant, int64_t first, int64_t second, const char *type, const char *body);

/* Expects a 500 that does not show its reason. */
void variants_expect_failure(const struct request *request);

#endif
