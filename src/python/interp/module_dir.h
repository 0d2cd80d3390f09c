/* Finds tandem's own Python code: as installed, relative to the executable, or in the source tree of the build. */
#ifndef TANDEM_PYTHON_INTERP_MODULE_DIR_H
#define TANDEM_PYTHON_INTERP_MODULE_DIR_H

#include "base/err.h"

enum { PATHS_MAX = 4096 }; /* PATH_MAX, as realpath(3) wants it */

/* Sets out to the directory that holds the package tandem. ERR_SYSTEM: none of the places has it, or the executable's
 * own path is unknown; err_message() names the places. */
WARN_UNUSED enum err module_dir_find(char out[PATHS_MAX]);

#endif
