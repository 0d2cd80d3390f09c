/* What the suites of ASGI stand on: exchanges whose app does nothing by itself. Python's __main__ has scope, receive
 * and send of the latest one, an event loop that turns only when it is told to, and run(awaitable). */
#ifndef TANDEM_TESTS_EXCHANGES_H
#define TANDEM_TESTS_EXCHANGES_H

#include "app_calls.h"
#include "python/asgi_exchange.h"
#include "the_request.h"

extern struct asgi *exchanges_asgi;

void exchanges_open(void);
void exchanges_close(void);

/* Calls the app for the request. */
struct asgi_exchange *exchanges_begin(struct request *asked);

/* The app's call ends, perhaps with the exception that is set; the request has come back then, once. */
void exchanges_end(struct asgi_exchange *begun);

/* The same for a request of that method, with nothing else; and the end of its call, and of the rest. */
extern struct asgi_exchange *exchange;
void exchanges_open_for(const char *method);
void exchanges_close_ended(void);

/* What there is of the request's stream, and how it goes on. */
void exchanges_expect_stream(const char *bytes, ssize_t last);

/* Delivers what pipes have posted. */
void exchanges_deliver(void);

#endif
