#include "reload/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/check.h"
#include "reload/named.h"
#include "reload/tree.h"

struct watch {
    uv_timer_t timer;
    struct tree tree;
    SLIST_HEAD(all_named, named) named; /* the files and the tree's root, each by its name */
    watch_callback *on_change;
    void *owner;
    char first[PATH_MAX]; /* the first name of the burst; "": there is none */
    bool more;            /* the burst has other names, too */
    uint64_t begun_ms;    /* when the burst began, by the loop's clock */
};

static void on_quiet(uv_timer_t *timer)
{
    struct watch *watch = timer->data;
    char name[PATH_MAX];
    strcpy(name, watch->first);
    watch->first[0] = '\0';
    watch->on_change(watch->owner, name, watch->more); /* which may free the watch */
}

static void on_change(void *owner, const char *name)
{
    struct watch *watch = owner;
    uint64_t now_ms = uv_now(watch->timer.loop);
    if (!watch->first[0]) {
        (void)snprintf(watch->first, sizeof watch->first, "%s", name);
        watch->more = false;
        watch->begun_ms = now_ms;
    }
    watch->more |= strcmp(watch->first, name) != 0;
    uint64_t left_ms = watch->begun_ms + WATCH_LONGEST_MS > now_ms ? watch->begun_ms + WATCH_LONGEST_MS - now_ms : 0;
    uint64_t wait_ms = left_ms < WATCH_QUIET_MS ? left_ms : WATCH_QUIET_MS;
    CHECK(uv_timer_start(&watch->timer, on_quiet, wait_ms, 0) == 0);
}

static void on_root(void *owner, const char *path)
{
    struct watch *watch = owner;
    (void)path;
    tree_look_at_root(&watch->tree);
}

static enum err add_named(struct watch *watch, const char *path, void (*on_event)(void *owner, const char *path))
{
    struct named *named;
    enum err err = named_new(watch->timer.loop, path, on_event, watch, &named);
    if (err)
        return err;
    SLIST_INSERT_HEAD(&watch->named, named, link);
    return ERR_OK;
}

/* Also watches the directory's own name: inotify does not report that another directory has taken that name. */
static enum err add_tree(struct watch *watch, const char *directory)
{
    char real[PATH_MAX];
    enum err err = add_named(watch, realpath(directory, real) ? real : directory, on_root);
    return err ? err
               : tree_open(&watch->tree, watch->timer.loop, SLIST_FIRST(&watch->named)->path, TREE_DIRECTORIES_MAX,
                           on_change, watch);
}

enum err watch_new(uv_loop_t *loop, const char *directory, const char *const files[], watch_callback *callback,
                   void *owner, struct watch **out)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return err_fail(ERR_NOMEM, "out of memory for --reload");
    watch->on_change = callback;
    watch->owner = owner;
    CHECK(uv_timer_init(loop, &watch->timer) == 0);
    watch->timer.data = watch;
    enum err err = directory ? add_tree(watch, directory) : ERR_OK;
    for (; !err && *files; files++)
        err = add_named(watch, *files, on_change);
    if (err)
        watch_free(watch);
    else
        *out = watch;
    return err;
}

static void on_closed(uv_handle_t *timer)
{
    free(timer->data);
}

void watch_free(struct watch *watch)
{
    while (!SLIST_EMPTY(&watch->named)) {
        struct named *named = SLIST_FIRST(&watch->named);
        SLIST_REMOVE_HEAD(&watch->named, link);
        named_free(named);
    }
    tree_close(&watch->tree);
    uv_close((uv_handle_t *)&watch->timer, on_closed);
}
