/* What an app is made of, watched: the Python files below a directory (tree.h), and files of other kinds by their names
 * (named.h). A burst of changes is told once, when it has been quiet for a while: an editor writes a file in several
 * steps, and a `git checkout` changes hundreds.
 *
 * LOOP only, or any thread where the loop is not running. */
#ifndef TANDEM_RELOAD_WATCH_H
#define TANDEM_RELOAD_WATCH_H

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"

enum {
    WATCH_QUIET_MS = 100,
    WATCH_LONGEST_MS = 2000, /* from its first change on; then a burst is told even if it goes on */
};

struct watch;

/* name: what changed first, of the tree by its name in there; more: so did others. */
typedef void watch_callback(void *owner, const char *name, bool more);

/* directory: which need not exist, but the one that it is in must; NULL: none. files: likewise; NULL ends them. What
 * changes from now on is told. Returns owned. ERR_SYSTEM: it cannot be watched; the loop must turn once more then. */
WARN_UNUSED enum err watch_new(uv_loop_t *loop, const char *directory, const char *const files[],
                               watch_callback *on_change, void *owner, struct watch **out);

/* Takes it; nothing is told any more. The handles close as soon as the loop turns. */
void watch_free(struct watch *watch);

#endif
