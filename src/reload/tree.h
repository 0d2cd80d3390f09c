/* A tree of directories whose Python files are watched: one watcher of inotify(7) per directory, by libuv, since on
 * Linux those see the files of one directory only. Directories that come are watched, and those that go let go of.
 * Which count: sources.h. Links to directories are followed, but each directory is watched once, so that links that
 * lead back have an end.
 *
 * LOOP only, or any thread where the loop is not running. */
#ifndef TANDEM_RELOAD_TREE_H
#define TANDEM_RELOAD_TREE_H

#include <limits.h>
#include <stdbool.h>
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
    struct directory *first, *last;
    unsigned count;
    bool incomplete; /* which was said */
};

/* Watches root, an absolute path that need not exist, and all below it. on_change(owner, name): a Python file has come,
 * changed or gone, by its name below root; or a directory with some has, by its own. More directories than
 * directories_max, or than the system allows, is a warning in the log. ERR_SYSTEM: not even root can be watched. */
WARN_UNUSED enum err tree_open(struct tree *tree, uv_loop_t *loop, const char *root, unsigned directories_max,
                               void (*on_change)(void *owner, const char *name), void *owner);

/* Root itself has perhaps gone, or come. */
void tree_look_at_root(struct tree *tree);

/* Nothing is called any more. The handles close as soon as the loop turns. */
void tree_close(struct tree *tree);

#endif
