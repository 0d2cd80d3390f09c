#include "server/admin.h"

#include "base/check.h"
#include "base/log.h"
#include "core/loop.h"
#include "http/accept/listener.h"
#include "http/io_thread/io_thread.h"
#include "http/io_thread/io_threads.h"
#include "reload/reexec.h"

static struct {
    bool listens, accepts;
    struct config config;
    struct models models; /* empty */
    struct workloads workloads;
    struct routes routes;
    struct listener listener;
    struct loop *loop;
    struct io_threads io_threads; /* a single one */
    uv_thread_t thread;
} admin;

enum err admin_open(const struct config *config, uv_loop_t *loop)
{
    if (config->admin == CONFIG_NONE)
        return ERR_OK;
    admin.config = *config;
    admin.config.max_connections = ADMIN_CONNECTIONS;
    enum err err =
        listener_open(&admin.listener, loop, &admin.config, "--admin", config->admin, reexec_inherited("--admin"));
    if (err)
        return err;
    /* The loop is made here, before any of the user's code runs: its descriptors are tandem's (base/own_fds.h). */
    err = loop_new(LOOPS_MAX, &admin.loop); /* LOOPS_MAX: an index that no loop of the models has */
    if (err) {
        listener_close(&admin.listener);
        return err;
    }
    admin.listens = true;
    return ERR_OK;
}

const char *admin_url(void)
{
    return admin.listens ? admin.listener.url : NULL;
}

struct listener *admin_listener(void)
{
    return admin.listens ? &admin.listener : NULL;
}

/* Copies the server's routes, without models and workloads. A page that describes the server's routes describes the
 * copy instead. */
static void describe(const struct routes *routes)
{
    admin.routes = *routes;
    admin.routes.config = &admin.config;
    admin.routes.models = &admin.models;
    admin.routes.workloads = &admin.workloads;
    admin.routes.root = NULL;
    admin.routes.pages_prefix = "";
    for (struct page *page = admin.routes.pages; page->path; page++)
        if (page->context == routes)
            page->context = &admin.routes;
}

static void run(void *unused)
{
    (void)unused;
    io_threads_run(&admin.io_threads);
}

static enum err start_io_thread(void)
{
    enum err err = io_threads_new(&admin.io_threads, &admin.listener, &admin.routes, &admin.loop, 1);
    if (err)
        return err;
    int status = uv_thread_create(&admin.thread, run, NULL);
    if (status) {
        io_threads_free(&admin.io_threads);
        return err_fail(ERR_SYSTEM, "--admin: cannot start its thread: %s", uv_strerror(status));
    }
    return ERR_OK;
}

enum err admin_start(const struct routes *routes)
{
    if (!admin.listens)
        return ERR_OK;
    describe(routes);
    return start_io_thread();
}

void admin_accept(void)
{
    if (!admin.listens)
        return;
    admin.accepts = true;
    listener_start(&admin.listener, admin.io_threads.list, 1);
    log_info("admin at %s", admin.listener.url);
}

void admin_stop(void)
{
    if (!admin.listens)
        return;
    if (admin.accepts)
        listener_drain(&admin.listener);
    else
        accept_queue_ask_drain(admin.io_threads.list[0]);
    CHECK(uv_thread_join(&admin.thread) == 0);
    io_threads_free(&admin.io_threads);
}

void admin_close(void)
{
    if (!admin.listens)
        return;
    listener_close(&admin.listener);
    loop_free(admin.loop);
}
