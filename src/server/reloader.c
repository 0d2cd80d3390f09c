#include "server/reloader.h"

#include <stdio.h>
#include <uv.h>

#include "base/check.h"
#include "base/log.h"
#include "python/interp/ending.h"
#include "reload/process_end.h"
#include "reload/reexec.h"
#include "reload/watch.h"
#include "server/admin.h"
#include "server/control_thread.h"

static struct {
    bool on;
    struct listener *listener;
    struct watch *watch; /* control thread only, once that runs; NULL: nothing is watched */
    uv_sem_t ending;     /* a change or a signal has come */
    bool app_failed;
} reloader;

enum err reloader_check(const struct config *config)
{
    if (config->reload && !config->app && !config->native)
        return err_fail(ERR_INVALID, "--reload: there is nothing to watch: give an APP, such as main:app, or --native");
    return ERR_OK;
}

static void stop_watching(void)
{
    if (reloader.watch)
        watch_free(reloader.watch);
    reloader.watch = NULL;
}

/* Stops watching: the new process reads later changes from the disk anyway. control_thread_reload keeps the sockets
 * before the log says that something changed, so a client that connects after the log line is answered by the new
 * process. */
static void on_change(void *owner, const char *name, bool more)
{
    (void)owner;
    stop_watching();
    control_thread_reload();
    if (control_thread_reloads())
        log_info("reload: %s%s changed", name, more ? " and others" : "");
}

enum err reloader_open(const struct config *config, struct listener *listener)
{
    const char *const files[] = {config->native, NULL};
    if (!config->reload)
        return ERR_OK;
    reloader.listener = listener;
    enum err err =
        watch_new(control_thread_loop(), config->app ? config->app_dir : NULL, files, on_change, NULL, &reloader.watch);
    if (err)
        return err;
    CHECK(uv_sem_init(&reloader.ending, 0) == 0);
    reloader.on = true;
    return ERR_OK;
}

void reloader_on_drain(bool to_reload)
{
    if (!reloader.on)
        return;
    listener_keep(reloader.listener, to_reload);
    if (admin_listener())
        listener_keep(admin_listener(), to_reload);
    if (to_reload)
        process_end_in_reload();
    else
        process_end_expected();
    uv_sem_post(&reloader.ending);
}

static void list_sockets(struct reexec_socket out[REEXEC_SOCKETS_MAX])
{
    const struct listener *admin = admin_listener();
    out[0] = (struct reexec_socket){"--port", reloader.listener->fd};
    out[1] = (struct reexec_socket){"--admin", admin ? admin->fd : -1};
}

static enum err start_anew(void)
{
    struct reexec_socket sockets[REEXEC_SOCKETS_MAX];
    list_sockets(sockets);
    process_end_expected();
    return reexec(sockets);
}

void reloader_watch_end(void)
{
    struct reexec_socket sockets[REEXEC_SOCKETS_MAX];
    if (!reloader.on)
        return;
    list_sockets(sockets);
    process_end_watch(sockets);
}

void reloader_end_expected(void)
{
    process_end_expected();
}

enum err reloader_last_end(void)
{
    const char *how = reloader.on ? reexec_ended() : NULL;
    return how ? err_fail(ERR_APP, "the app has ended the process: %s", how) : ERR_OK;
}

void reloader_on_late(void)
{
    ending_flush();
    if (start_anew())
        log_error("%s", err_message());
}

void reloader_on_end(void)
{
    stop_watching();
}

enum err reloader_note_app(enum err err)
{
    reloader.app_failed = err != ERR_OK;
    return err;
}

enum err reloader_wait(enum err failed)
{
    if (!reloader.on || (failed != ERR_APP && !reloader.app_failed))
        return failed;
    log_error("%s", err_message());
    log_info("reload: waiting for a change; clients that connect wait, too");
    uv_sem_wait(&reloader.ending);
    return ERR_OK;
}

enum err reloader_finish(void)
{
    if (!reloader.on)
        return ERR_OK;
    uv_sem_destroy(&reloader.ending);
    if (!control_thread_reloads())
        return ERR_OK;
    fflush(NULL); /* a late reload does not: a handler that still runs may hold a lock of stdio */
    return start_anew();
}
