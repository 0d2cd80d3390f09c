#include "admin.h"

#include "base/check.h"
#include "base/log.h"
#include "core/loop.h"
#include "http/front.h"
#include "http/fronts.h"
#include "http/listener.h"
#include "reload/reexec.h"

static struct {
    bool listens, accepts;
    struct config config;
    struct models models; /* none */
    struct workloads workloads;
    struct site site;
    struct listener listener;
    struct loop *loop;
    struct fronts fronts; /* one */
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
    admin.listens = err == ERR_OK;
    return err;
}

const char *admin_url(void)
{
    return admin.listens ? admin.listener.url : NULL;
}

struct listener *admin_listener(void)
{
    return admin.listens ? &admin.listener : NULL;
}

/* The pages of the site; what one says of its site it is to say of this one. */
static void describe(const struct site *site)
{
    admin.site = *site;
    admin.site.config = &admin.config;
    admin.site.models = &admin.models;
    admin.site.workloads = &admin.workloads;
    for (unsigned i = 0; i < admin.site.page_count; i++)
        if (admin.site.pages[i].context == site)
            admin.site.pages[i].context = &admin.site;
}

static void run(void *unused)
{
    (void)unused;
    fronts_run(&admin.fronts);
}

static enum err start_front(void)
{
    enum err err = fronts_new(&admin.fronts, &admin.listener, &admin.site, &admin.loop, 1);
    if (err)
        return err;
    int status = uv_thread_create(&admin.thread, run, NULL);
    if (status) {
        fronts_free(&admin.fronts);
        return err_fail(ERR_SYSTEM, "--admin: cannot start its thread: %s", uv_strerror(status));
    }
    return ERR_OK;
}

enum err admin_start(const struct site *site)
{
    if (!admin.listens)
        return ERR_OK;
    describe(site);
    enum err err = loop_new(LOOPS_MAX, &admin.loop); /* in no model's list */
    if (err)
        return err;
    err = start_front();
    if (err)
        loop_free(admin.loop);
    return err;
}

void admin_accept(void)
{
    if (!admin.listens)
        return;
    admin.accepts = true;
    listener_start(&admin.listener, admin.fronts.list, 1);
    log_info("admin at %s", admin.listener.url);
}

void admin_stop(void)
{
    if (!admin.listens)
        return;
    if (admin.accepts)
        listener_drain(&admin.listener);
    else
        front_ask_drain(admin.fronts.list[0]);
    CHECK(uv_thread_join(&admin.thread) == 0);
    fronts_free(&admin.fronts);
    loop_free(admin.loop);
}

void admin_close(void)
{
    if (admin.listens)
        listener_close(&admin.listener);
}
