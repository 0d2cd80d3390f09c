#include "reload/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/log.h"
#include "reload/sources.h"

struct directory {
    uv_fs_event_t handle;
    struct tree *tree;
    TAILQ_ENTRY(directory) link;
    dev_t device; /* with inode: identifies the directory, whatever its name */
    ino_t inode;
    bool has_sources; /* it has, or has had, Python files */
    char path[];
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void drop(struct directory *directory)
{
    struct tree *tree = directory->tree;
    TAILQ_REMOVE(&tree->directories, directory, link);
    tree->count--;
    uv_close((uv_handle_t *)&directory->handle, on_closed);
}

/* Drops the directory of this path and all below it. True if one of them has had sources. */
static bool drop_all(struct tree *tree, const char *path)
{
    size_t length = strlen(path);
    bool had = false;
    for (struct directory *directory = TAILQ_FIRST(&tree->directories), *next; directory; directory = next) {
        next = TAILQ_NEXT(directory, link);
        if (strncmp(directory->path, path, length) != 0 ||
            (directory->path[length] != '\0' && directory->path[length] != '/'))
            continue;
        had |= directory->has_sources;
        drop(directory);
    }
    return had;
}

static struct directory *find_path(const struct tree *tree, const char *path)
{
    struct directory *directory;
    TAILQ_FOREACH(directory, &tree->directories, link)
        if (strcmp(directory->path, path) == 0)
            break;
    return directory;
}

static bool has(const struct tree *tree, const struct stat *status)
{
    const struct directory *directory;
    TAILQ_FOREACH(directory, &tree->directories, link)
        if (directory->inode == status->st_ino && directory->device == status->st_dev)
            return true;
    return false;
}

static void say_incomplete(struct tree *tree, const char *why)
{
    if (!tree->incomplete)
        log_warn("reload: not all of %s is watched: %s; give an --app-dir with fewer directories below it", tree->root,
                 why);
    tree->incomplete = true;
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status);

/* Watches the directory of this path. Returns libuv's status. *out is NULL if the path is no directory, is watched
 * already, exceeds directories_max, or cannot be watched. */
static int add(struct tree *tree, const char *path, struct directory **out)
{
    struct stat status;
    *out = NULL;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode) || has(tree, &status))
        return 0;
    if (tree->count == tree->directories_max) {
        char why[64];
        (void)snprintf(why, sizeof why, "it has more than %u directories", tree->directories_max);
        say_incomplete(tree, why);
        return 0;
    }
    struct directory *directory = calloc(1, sizeof *directory + strlen(path) + 1);
    if (!directory)
        return UV_ENOMEM;
    strcpy(directory->path, path);
    directory->tree = tree;
    directory->device = status.st_dev;
    directory->inode = status.st_ino;
    TAILQ_INSERT_TAIL(&tree->directories, directory, link);
    tree->count++;
    CHECK(uv_fs_event_init(tree->loop, &directory->handle) == 0);
    directory->handle.data = directory;
    int failed = uv_fs_event_start(&directory->handle, on_event, path, 0);
    if (failed)
        drop(directory);
    else
        *out = directory;
    return failed == UV_ENOENT ? 0 : failed; /* it has gone meanwhile */
}

static void add_below(struct directory *parent, const char *name)
{
    char path[PATH_MAX];
    struct directory *added;
    int length = snprintf(path, sizeof path, "%s/%s", parent->path, name);
    if (length >= (int)sizeof path || sources_leave_out(path, name))
        return; /* the system accepts no longer path */
    int failed = add(parent->tree, path, &added);
    if (failed == UV_ENOSPC)
        say_incomplete(parent->tree, "inotify has no room for more directories (fs.inotify.max_user_watches)");
    else if (failed)
        log_warn("reload: cannot watch %s: %s", path, uv_strerror(failed));
}

/* Reads the entries of a directory that is watched already, so that no change is missed in between. */
static void read_entries(struct directory *directory)
{
    DIR *entries = opendir(directory->path);
    const struct dirent *entry;
    if (!entries && errno != ENOENT)
        log_warn("reload: cannot read %s: %s", directory->path, strerror(errno));
    while (entries && (entry = readdir(entries))) {
        if (sources_is_file(entry->d_name))
            directory->has_sources = true;
        else if (entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN)
            add_below(directory, entry->d_name);
    }
    if (entries)
        closedir(entries);
}

/* Reads added and all below it: each directory found is appended to the list that this walks. True if any has
 * sources. */
static bool read_all(struct directory *added)
{
    bool found = false;
    for (struct directory *directory = added; directory; directory = TAILQ_NEXT(directory, link)) {
        read_entries(directory);
        found |= directory->has_sources;
    }
    return found;
}

/* Reports path by its name below root. Every path begins with that of root. */
static void tell(struct tree *tree, const char *path)
{
    const char *below = path + strlen(tree->root);
    tree->on_change(tree->owner, *below == '/' ? below + 1 : path);
}

/* Handles that a directory of this path may have come, gone or been replaced. name: its last name; NULL: it is root. */
static void look_at(struct tree *tree, const char *path, const char *name)
{
    struct stat status;
    struct directory *known = find_path(tree, path), *added = NULL;
    bool is = stat(path, &status) == 0 && S_ISDIR(status.st_mode) && !(name && sources_leave_out(path, name));
    if (known && is && known->inode == status.st_ino && known->device == status.st_dev)
        return;
    bool changed = known && drop_all(tree, path);
    int failed = is ? add(tree, path, &added) : 0;
    if (failed)
        log_warn("reload: cannot watch %s: %s", path, uv_strerror(failed));
    if (added && read_all(added))
        changed = true;
    if (changed)
        tell(tree, path);
}

/* On Linux status is 0 and name is never NULL. */
static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
    (void)status;
    struct directory *directory = handle->data;
    struct tree *tree = directory->tree;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", directory->path, name) >= (int)sizeof path)
        return; /* nobody opens a file by such a path */
    if (sources_is_file(name)) {
        directory->has_sources = true;
        tell(tree, path);
    } else if (strcmp(name, SOURCES_VENV_MARK) == 0 && directory != TAILQ_FIRST(&tree->directories)) {
        if (sources_is_venv(directory->path))
            (void)drop_all(tree, directory->path); /* a virtual environment is being created here */
    } else if (events & UV_RENAME) {
        look_at(tree, path, name);
    }
}

enum err tree_open(struct tree *tree, uv_loop_t *loop, const char *root, unsigned directories_max,
                   void (*on_change)(void *owner, const char *name), void *owner)
{
    struct directory *added;
    *tree = (struct tree){.loop = loop, .directories_max = directories_max, .on_change = on_change, .owner = owner};
    TAILQ_INIT(&tree->directories);
    CHECK(strlen(root) < sizeof tree->root);
    strcpy(tree->root, root);
    int failed = add(tree, root, &added);
    if (failed)
        return err_fail(ERR_SYSTEM, "--reload: cannot watch %s: %s (fs.inotify has the limits)", root,
                        uv_strerror(failed));
    if (added)
        (void)read_all(added);
    return ERR_OK;
}

void tree_look_at_root(struct tree *tree)
{
    look_at(tree, tree->root, NULL);
}

void tree_close(struct tree *tree)
{
    while (!TAILQ_EMPTY(&tree->directories))
        drop(TAILQ_FIRST(&tree->directories));
}
