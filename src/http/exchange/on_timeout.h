/* Deals with a connection whose time limit (timeouts.h) has passed. LOOP only. */
#ifndef TANDEM_HTTP_EXCHANGE_ON_TIMEOUT_H
#define TANDEM_HTTP_EXCHANGE_ON_TIMEOUT_H

#include "http/connection/connection.h"

/* Implements on_expired of struct timeouts. */
void on_timeout_expired(struct connection *connection, enum timeout kind);

#endif
