#include "python/paths.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build_paths.h"

/* Whether the package is in this directory; if so, out is the directory's real name. */
static bool find_package(const char *directory, char out[PATHS_MAX])
{
    char file[PATHS_MAX + 32];
    (void)snprintf(file, sizeof file, "%s/tandem/__init__.py", directory);
    return access(file, R_OK) == 0 && realpath(directory, out);
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
    char installed[PATHS_MAX];
    (void)snprintf(installed, sizeof installed, "%s/" INSTALLED_PYTHON_SOURCE, executable);
    if (find_package(installed, out) || find_package(BUILD_PYTHON_SOURCE, out))
        return ERR_OK;
    return err_fail(ERR_SYSTEM, "tandem's Python code is neither in %s nor in " BUILD_PYTHON_SOURCE, installed);
}
