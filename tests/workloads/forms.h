/* What the workloads' suites stand on: one workload and one loop, and the two C forms called as a model calls them. */
#ifndef TANDEM_TESTS_FORMS_H
#define TANDEM_TESTS_FORMS_H

#include "core/loop.h"
#include "core/model.h"
#include "core/request.h"
#include "core/workload.h"

enum form { BLOCKING, EVENTED, FORM_COUNT };
enum { FORMS_REQUESTS_MAX = 128 };

extern struct loop *forms_loop;
extern struct model forms_model; /* called "test-model" */

/* The requests that came back to the loop, in that order. */
extern struct request *forms_returned[FORMS_REQUESTS_MAX];
extern unsigned forms_returned_count;

/* Makes the workload ready, and a loop. */
void forms_open(const struct workload *workload);

/* Frees the requests and the rest. Fails the test where one comes back that late. */
void forms_close(void);

/* A request for the workload with these parameters; forms_close frees it. */
struct request *forms_request(int64_t first, int64_t second);

/* Calls the form, the blocking one on a thread of its own, the evented one on the loop, and waits for the reply. */
void forms_call(enum form form, struct request *request);

/* Runs step on the loop, then the loop until count more requests have come back. */
void forms_run(void (*step)(void), unsigned count);

void forms_expect(const struct request *request, unsigned status, const char *type, const char *body);

/* A request of these parameters, called by that form, is answered 200 with this body. */
void forms_expect_answer(enum form form, int64_t first, int64_t second, const char *type, const char *body);

/* A 500 that keeps the reason to itself. */
void forms_expect_failure(const struct request *request);

#endif
