#include "python/interp/executable.h"

#include <Python.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_FORMAT "python%d.%d"

enum { LEVELS = 3 };

/* Called for each object that is loaded into the process. Writes the real path of libpython. */
static int find_library(struct dl_phdr_info *object, size_t size, void *out)
{
    (void)size;
    const char *slash = strrchr(object->dlpi_name, '/');
    return slash && strncmp(slash, "/libpython", strlen("/libpython")) == 0 && realpath(object->dlpi_name, out);
}

/* Looks for bin/NAME below the library's directory and the two above it: the library is in lib/ of the installation, or
 * in lib/x86_64-linux-gnu/ in Debian. */
static bool find(char out[PATH_MAX])
{
    char directory[PATH_MAX];
    if (!dl_iterate_phdr(find_library, directory))
        return false;
    for (unsigned i = 0; i < LEVELS && directory[0]; i++) {
        *strrchr(directory, '/') = '\0';
        int length = snprintf(out, PATH_MAX, "%s/bin/" NAME_FORMAT, directory, PY_MAJOR_VERSION, PY_MINOR_VERSION);
        if (length < PATH_MAX && access(out, X_OK) == 0)
            return true;
    }
    return false;
}

const char *executable_path(void)
{
    static char path[PATH_MAX];
    static bool searched;
    if (!searched && !find(path))
        path[0] = '\0';
    searched = true;
    return path[0] ? path : NULL;
}

const char *executable_command(void)
{
    static char name[32];
    (void)snprintf(name, sizeof name, NAME_FORMAT, PY_MAJOR_VERSION, PY_MINOR_VERSION);
    const char *path = executable_path();
    return path ? path : name;
}
