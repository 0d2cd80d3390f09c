#include "python/interp/arg_parsers.h"

#define Py_BUILD_CORE 1
#include <Python.h>

#if PY_VERSION_HEX < 0x030d0000

#include <internal/pycore_runtime.h>

/* Does nothing unless the running version is the one that this was built with: only its memory layout is known. */
void arg_parsers_leave(void)
{
    if (Py_Version == PY_VERSION_HEX)
        _PyRuntime.getargs.static_parsers = NULL;
}

#else

void arg_parsers_leave(void)
{
}

#endif
