/* The process's limit on open file descriptors (RLIMIT_NOFILE). */
#ifndef TANDEM_SERVER_FD_LIMIT_H
#define TANDEM_SERVER_FD_LIMIT_H

#include "config/config.h"

/* MAIN thread, at startup. Raises the soft limit to what --max-connections and the loops need. ERR_INVALID: the hard
 * limit is lower. The start fails then, because running out of descriptors later would be worse. */
WARN_UNUSED enum err fd_limit_raise(const struct config *config);

#endif
