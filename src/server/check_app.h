/* --check-app: says for each model whether it would run the user's app, and why not. */
#ifndef TANDEM_SERVER_CHECK_APP_H
#define TANDEM_SERVER_CHECK_APP_H

#include <stdio.h>

#include "base/err.h"
#include "config/config.h"

/* MAIN thread. Starts Python, imports the app in the main interpreter and, if it is a WSGI app, in a subinterpreter,
 * and writes a line for each model. Serves nothing, and runs no startup of an ASGI app. ERR_APP: the app cannot be
 * loaded. ERR_INVALID, ERR_PYTHON, ERR_SYSTEM: Python cannot start. */
WARN_UNUSED enum err check_app(const struct config *config, FILE *out);

#endif
