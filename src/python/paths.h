/* Where tandem's own Python code is: beside the executable, installed or in the build tree. */
#ifndef TANDEM_PYTHON_PATHS_H
#define TANDEM_PYTHON_PATHS_H

#include "base/err.h"

enum { PATHS_MAX = 4096 }; /* PATH_MAX, as realpath(3) wants it */

/* The directory that holds the package tandem. ERR_SYSTEM: it is in none of the places, which err_message() lists. */
WARN_UNUSED enum err paths_python_source(char out[PATHS_MAX]);

#endif
