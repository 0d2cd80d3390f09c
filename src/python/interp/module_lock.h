/* Extension modules are initialized by one subinterpreter at a time. Some keep data of the process in their
 * initialization (regex does), which two subinterpreters with a GIL each would write at the same time. */
#ifndef TANDEM_PYTHON_INTERP_MODULE_LOCK_H
#define TANDEM_PYTHON_INTERP_MODULE_LOCK_H

#include "base/err.h"

/* A new subinterpreter's GIL held. From now on its imports of extension modules wait for those of other
 * subinterpreters. ERR_PYTHON: an exception is set. */
WARN_UNUSED enum err module_lock_open(void);

#endif
