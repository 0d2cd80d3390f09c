/* One file, or directory, that is watched by its name, in the directory that it is in: so it may be replaced by
 * another, or go and come again. */
#ifndef TANDEM_RELOAD_NAMED_H
#define TANDEM_RELOAD_NAMED_H

#include <limits.h>
#include <uv.h>

#include "base/err.h"

struct named {
    uv_fs_event_t handle;
    char path[PATH_MAX]; /* absolute; without links, but perhaps the last name */
    const char *name;    /* the last one */
    void (*on_change)(void *owner, const char *path);
    void *owner;
    struct named *next; /* the owner's */
};

/* LOOP, or any thread where the loop is not running. path need not exist, but the directory that it is in must:
 * ERR_SYSTEM. Returns owned. */
WARN_UNUSED enum err named_new(uv_loop_t *loop, const char *path, void (*on_change)(void *owner, const char *path),
                               void *owner, struct named **out);

/* LOOP, or any thread where the loop is not running. Takes it; the handle closes as soon as the loop turns. */
void named_free(struct named *named);

#endif
