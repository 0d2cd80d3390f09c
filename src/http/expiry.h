/* What becomes of a connection whose time limit (deadline.h) has passed. LOOP only. */
#ifndef TANDEM_HTTP_EXPIRY_H
#define TANDEM_HTTP_EXPIRY_H

#include "http/connection.h"

/* struct deadlines' on_expired. */
void expiry_on_expired(struct connection *connection, enum deadline kind);

#endif
