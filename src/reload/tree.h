/* Watches the Python files in a tree of directories. Each directory has an inotify(7) watch of its own, through libuv,
 * since a watch covers the files of one directory only. New directories are watched, and removed ones dropped.
 * sources.h decides which directories and files count. Links to directories are followed, but each directory is watched
 * only once, so that cycles of links end.
 *
 * LOOP only, or any thread while the loop is not running. */
#ifndef TANDEM_RELOAD_TREE_H
#define TANDEM_RELOAD_TREE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/err.h"

enum { TREE_DIRECTORIES_MAX = 4096 };

struct directory;

struct tree {
    uv_loop_t *loop;
    unsigned directories_max;
    void (*on_change)(void *owner, const char *name);
    void *owner;
    char root[PATH_MAX];
    TAILQ_HEAD(directories, directory) directories;
    unsigned count;
    bool incomplete; /* a warning has said so */
};

/* Watches root, an absolute path that need not exist, and all below it. Calls on_change(owner, name) on LOOP when a
 * Python file was added, changed or removed, with its name below root; likewise for a directory with such files, with
 * the directory's name. Directories beyond directories_max, or beyond what the system allows, are not watched, with a
 * warning in the log. ERR_SYSTEM: not even root can be watched. */
WARN_UNUSED enum err tree_open(struct tree *tree, uv_loop_t *loop, const char *root, unsigned directories_max,
                               void (*on_change)(void *owner, const char *name), void *owner);

/* Handles that root itself may have come, gone or been replaced. */
void tree_look_at_root(struct tree *tree);

/* Stops all calls. The handles close as soon as the loop runs. */
void tree_close(struct tree *tree);

#endif
