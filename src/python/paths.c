#include "python/paths.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "build_paths.h"

static int holds_package(const char *directory)
{
    char file[PATHS_MAX + 32];
    (void)snprintf(file, sizeof file, "%s/tandem/__init__.py", directory);
    return access(file, R_OK) == 0;
}

enum err paths_python_source(char out[PATHS_MAX])
{
    char executable[PATHS_MAX - sizeof INSTALLED_PYTHON_SOURCE - 1];
    ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    if (length < 0)
        return err_fail(ERR_SYSTEM, "cannot tell where this executable is: /proc/self/exe cannot be read");
    executable[length] = '\0';
    *strrchr(executable, '/') = '\0';

    /* Installed: relative to the executable, so that the prefix may move. Then the source tree of a build. */
    (void)snprintf(out, PATHS_MAX, "%s/" INSTALLED_PYTHON_SOURCE, executable);
    if (holds_package(out))
        return ERR_OK;
    (void)snprintf(out, PATHS_MAX, "%s", BUILD_PYTHON_SOURCE);
    if (holds_package(out))
        return ERR_OK;
    return err_fail(ERR_SYSTEM, "tandem's Python code is neither in %s/" INSTALLED_PYTHON_SOURCE " nor in " BUILD_PYTHON_SOURCE,
                    executable);
}
