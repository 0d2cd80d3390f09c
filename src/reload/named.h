/* Watches one file or directory by its name, through the directory that contains it. The file may be replaced, or go
 * and come back. */
#ifndef TANDEM_RELOAD_NAMED_H
#define TANDEM_RELOAD_NAMED_H

#include <limits.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/err.h"

struct named {
    uv_fs_event_t handle;
    char path[PATH_MAX]; /* absolute; only its last name may be a symbolic link */
    const char *name;    /* the last name of path */
    void (*on_change)(void *owner, const char *path);
    void *owner;
    SLIST_ENTRY(named) link; /* free for the owner's use */
};

/* LOOP, or any thread while the loop is not running. Returns owned. path need not exist, but its directory must. Then
 * on_change(owner, absolute path) is called on LOOP for each change. ERR_SYSTEM: it cannot be watched, and the loop
 * must run once more to close the handle. ERR_INVALID: the path is too long. ERR_NOMEM. */
WARN_UNUSED enum err named_new(uv_loop_t *loop, const char *path, void (*on_change)(void *owner, const char *path),
                               void *owner, struct named **out);

/* LOOP, or any thread while the loop is not running. Takes it. The handle closes as soon as the loop runs. */
void named_free(struct named *named);

#endif
