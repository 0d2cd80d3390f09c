/* The application: what is started, in which order, and the reverse order in which it stops. */
#ifndef TANDEM_APP_H
#define TANDEM_APP_H

#include <stdint.h>

#include "base/err.h"
#include "core/config.h"

/* MAIN thread. Serves until a signal has it drain. started_ns: when the process began. On error err_message() says why;
 * ERR_INVALID: an option is to blame. */
WARN_UNUSED enum err app_run(const struct config *config, uint64_t started_ns);

#endif
