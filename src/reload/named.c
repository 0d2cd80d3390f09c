#include "reload/named.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* On Linux status is 0 and name is never NULL. */
static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
    (void)events;
    (void)status;
    struct named *named = handle->data;
    if (strcmp(name, named->name) == 0)
        named->on_change(named->owner, named->path);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void named_free(struct named *named)
{
    uv_close((uv_handle_t *)&named->handle, on_closed);
}

/* Sets directory to the real path of path's directory, and full to that plus path's last name. dirname and basename
 * write into their arguments. */
static enum err resolve(const char *path, char directory[PATH_MAX], char full[PATH_MAX])
{
    char for_directory[PATH_MAX], for_name[PATH_MAX];
    if (snprintf(for_directory, PATH_MAX, "%s", path) >= PATH_MAX)
        return err_fail(ERR_INVALID, "--reload: cannot watch %s: its name is too long", path);
    strcpy(for_name, for_directory);
    if (!realpath(dirname(for_directory), directory))
        return err_fail(ERR_SYSTEM, "--reload: cannot watch %s: its directory: %s", path, strerror(errno));
    const char *above = strcmp(directory, "/") == 0 ? "" : directory;
    if (snprintf(full, PATH_MAX, "%s/%s", above, basename(for_name)) >= PATH_MAX)
        return err_fail(ERR_INVALID, "--reload: cannot watch %s: its whole path is too long", path);
    return ERR_OK;
}

enum err named_new(uv_loop_t *loop, const char *path, void (*on_change)(void *owner, const char *path), void *owner,
                   struct named **out)
{
    char directory[PATH_MAX];
    struct named *named = calloc(1, sizeof *named);
    if (!named)
        return err_fail(ERR_NOMEM, "out of memory for watching %s", path);
    enum err err = resolve(path, directory, named->path);
    if (err) {
        free(named);
        return err;
    }
    named->name = strrchr(named->path, '/') + 1;
    named->on_change = on_change;
    named->owner = owner;
    CHECK(uv_fs_event_init(loop, &named->handle) == 0);
    named->handle.data = named;
    int failed = uv_fs_event_start(&named->handle, on_event, directory, 0);
    if (failed) {
        named_free(named);
        return err_fail(ERR_SYSTEM, "--reload: cannot watch %s: %s", directory, uv_strerror(failed));
    }
    *out = named;
    return ERR_OK;
}
