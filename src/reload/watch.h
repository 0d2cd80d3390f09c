/* Watches an app's files: the Python files below a directory (tree.h), and other files by their names (named.h). A
 * burst of changes is reported once, after it has been quiet for a while: an editor writes a file in several steps, and
 * a `git checkout` changes hundreds.
 *
 * LOOP only, or any thread while the loop is not running. */
#ifndef TANDEM_RELOAD_WATCH_H
#define TANDEM_RELOAD_WATCH_H

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"

enum {
    WATCH_QUIET_MS = 100,
    WATCH_LONGEST_MS = 2000, /* after its first change a burst is reported even if it goes on */
};

struct watch;

/* name: the first file that changed; below the tree's root it is a relative path. more: others changed, too. */
typedef void watch_callback(void *owner, const char *name, bool more);

/* Watches the directory, NULL for none, and the files, a list that NULL ends. None of them need exist, but the
 * directories that contain them must. Returns owned; changes from now on are reported. ERR_SYSTEM or ERR_INVALID:
 * something cannot be watched. ERR_NOMEM. After any error the loop must run once more to close handles. */
WARN_UNUSED enum err watch_new(uv_loop_t *loop, const char *directory, const char *const files[],
                               watch_callback *on_change, void *owner, struct watch **out);

/* Takes it. Nothing is reported any more. The handles close as soon as the loop runs. */
void watch_free(struct watch *watch);

#endif
