#include "python/interp/module_dir.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build_paths.h"

/* True if the package is in this directory; out is then the directory's real path. */
static bool find_package(const char *directory, char out[PATHS_MAX])
{
    char file[PATHS_MAX + 32];
    (void)snprintf(file, sizeof file, "%s/tandem/__init__.py", directory);
    return access(file, R_OK) == 0 && realpath(directory, out);
}

enum err module_dir_find(char out[PATHS_MAX])
{
    char executable[PATHS_MAX - sizeof INSTALLED_PYTHON_SOURCE - 1];
    ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    if (length < 0)
        return err_fail(ERR_SYSTEM, "cannot tell where this executable is: /proc/self/exe cannot be read");
    executable[length] = '\0';
    *strrchr(executable, '/') = '\0';

    /* The installed path is relative to the executable, so that the prefix may move. The source tree of the build comes
     * second. */
    char installed[PATHS_MAX];
    (void)snprintf(installed, sizeof installed, "%s/" INSTALLED_PYTHON_SOURCE, executable);
    if (find_package(installed, out) || find_package(BUILD_PYTHON_SOURCE, out))
        return ERR_OK;
    return err_fail(ERR_SYSTEM, "tandem's Python code is neither in %s nor in " BUILD_PYTHON_SOURCE, installed);
}
