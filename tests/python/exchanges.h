/* The fixture of the ASGI suites: exchanges whose app does nothing by itself. Python's __main__ has scope, receive and
 * send of the latest exchange, run(awaitable), and an event loop that runs only when it is told to. */
#ifndef TANDEM_TESTS_EXCHANGES_H
#define TANDEM_TESTS_EXCHANGES_H

#include "python/app_calls.h"
#include "python/asgi/exchange.h"
#include "python/the_request.h"

extern struct asgi *exchanges_asgi;

void exchanges_open(void);
void exchanges_close(void);

/* Calls the app for the request. Returns the new exchange. */
struct asgi_exchange *exchanges_begin(struct request *asked);

/* Ends the app's call, with the exception that is set, if any. The request must then come back once. */
void exchanges_end(struct asgi_exchange *begun);

/* Opens, and begins an exchange for a request with this method and nothing else. exchanges_close_ended ends the call,
 * and closes. */
extern struct asgi_exchange *exchange;
void exchanges_open_for(const char *method);
void exchanges_close_ended(void);

/* Expects these bytes from the request's stream, then last as the result of its next. */
void exchanges_expect_stream(const char *bytes, ssize_t last);

/* Delivers the inbox messages that the pipes have posted. */
void exchanges_deliver(void);

#endif
