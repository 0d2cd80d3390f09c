#include "reload/sources.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool sources_is_file(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && name[0] != '.' && strcmp(name + length - 3, ".py") == 0;
}

bool sources_is_venv(const char *directory)
{
    char mark[PATH_MAX + sizeof "/" SOURCES_VENV_MARK];
    (void)snprintf(mark, sizeof mark, "%s/" SOURCES_VENV_MARK, directory);
    return access(mark, F_OK) == 0;
}

bool sources_leave_out(const char *path, const char *name)
{
    return name[0] == '.' || strcmp(name, "__pycache__") == 0 || strcmp(name, "node_modules") == 0 ||
           sources_is_venv(path);
}
