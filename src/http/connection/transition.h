/* The transitions of a connection's two states. LOOP only.
 *
 * enum input says what becomes of the bytes that the client sends, and enum stage says how far the exchange of request
 * and reply has come. Both change here and nowhere else. docs/connection.md draws every transition and says what causes
 * it; ./dev lint compares the drawings with the tables in transition.c. */
#ifndef TANDEM_HTTP_CONNECTION_TRANSITION_H
#define TANDEM_HTTP_CONNECTION_TRANSITION_H

#include <stdbool.h>

#include "http/connection/connection.h"

/* Changes the state. Ends the process if the tables do not allow the transition: such a transition is a bug. */
void transition_input(struct connection *connection, enum input to);
void transition_stage(struct connection *connection, enum stage to);

/* True if the tables allow the transition. */
bool transition_allows_input(enum input from, enum input to);
bool transition_allows_stage(enum stage from, enum stage to);

#endif
