#include "app.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/site.h"
#include "descriptors.h"
#include "http/front.h"
#include "http/fronts.h"
#include "http/listener.h"
#include "models/models.h"
#include "mounts.h"
#include "native/native.h"
#include "python/runtime.h"
#include "reload/reexec.h"
#include "reloader.h"
#include "stats/feed.h"
#include "stats/health.h"
#include "stats/index.h"
#include "stats/marks.h"
#include "stats/pages.h"
#include "stats/recent.h"
#include "supervisor.h"
#include "workloads/workloads.h"

struct app {
    const struct config *config;
    struct models models;
    const struct workload *offered[WORKLOADS_MAX];
    struct workloads workloads; /* tandem's own, and the user's */
    struct site site;
    struct stats_source source;
    struct marks marks;
    struct recent recent;
    struct feeds feeds;
    struct health health;
    struct loop *loops[LOOPS_MAX];
    unsigned loop_count;
    struct fronts fronts;
    struct listener listener;
    bool python;
};

static struct app app;

/* The supervisor's thread. */
static void on_drain(bool to_reload)
{
    reloader_on_drain(to_reload);
    atomic_store(&app.health.draining, true);
    listener_drain(&app.listener);
}

/* The supervisor's thread. */
static void every_second(void)
{
    recent_sample(&app.recent);
}

static const struct supervisor_events events = {on_drain, reloader_on_late, every_second, reloader_on_end};

/* tandem's own workloads, and the user's. */
static void list_workloads(void)
{
    app.workloads = (struct workloads){app.offered, workloads.count};
    memcpy(app.offered, workloads.list, workloads.count * sizeof *workloads.list);
    app.workloads.count += mounts_list(app.config, &app.offered[workloads.count]);
}

/* Where one model runs, the user's own has the root, and what is served is listed nowhere. */
static void give_root_to_mount(void)
{
    app.site.root = mounts_root(app.config, &app.models);
    if (app.site.root)
        memmove(&app.site.pages[0], &app.site.pages[1], --app.site.page_count * sizeof app.site.pages[0]);
}

static void describe(uint64_t started_ns)
{
    list_workloads();
    app.site = (struct site){
        .config = app.config,
        .models = &app.models,
        .workloads = &app.workloads,
        .pages =
            {
                {"/", "what is served here", index_render, &app.site},
                {"/stats", "what was served, how fast, and where the time went", stats_render, &app.source,
                 .params = {"since", "format"}},
                {"/stats/marks/NAME", "POST: remembers this moment, for /stats?since=NAME", mark_render, &app.source,
                 .takes_name = true, .takes_post = true},
                {"/stats/stream", "the same every second, as server-sent events", feed_render, &app.feeds},
                {"/metrics", "the same as /stats for Prometheus", metrics_render, &app.source},
                {"/livez", "200 while the process runs", livez_render, NULL},
                {"/readyz", "200 while it takes requests, 503 in the drain", readyz_render, &app.health},
            },
        .page_count = 7,
    };
    give_root_to_mount();
    app.feeds.source = &app.source;
    app.source = (struct stats_source){
        .site = &app.site,
        .loops = app.loops,
        .loop_count = app.loop_count,
        .python_version = app.python ? python_version() : NULL,
        .admin_url = admin_url(),
        .libmicrohttpd_version = front_libmicrohttpd_version(),
        .started_at = clock_unix_seconds() - (double)(clock_ns() - started_ns) / NS_PER_S,
        .started_ns = started_ns,
        .read_gils = app.python ? python_read_gils : NULL,
        .recent = &app.recent,
        .marks = &app.marks,
    };
    for (unsigned i = 0; i < app.models.count; i++) {
        struct model *model = &app.models.list[i];
        model->config = app.config;
        model->workloads = &app.workloads;
        model->loops = app.loops;
        model->loop_count = app.loop_count;
    }
    recent_init(&app.recent, &app.source);
}

/* What is read by all threads from now on is complete. */
static void start_accepting(uint64_t started_ns)
{
    app.source.startup_ns = clock_ns() - started_ns;
    listener_start(&app.listener, app.fronts.list, app.fronts.count);
    admin_accept();
    printf("tandem ready %s mode=%s pid=%d startup=%.1fms\n", app.listener.url, app.config->mode, (int)getpid(),
           (double)app.source.startup_ns / NS_PER_MS);
    fflush(stdout);
}

/* Each step undoes itself on the way back; what it undoes is no longer in use by then. */
static enum err with_fronts(uint64_t started_ns)
{
    struct fronts *fronts = &app.fronts;
    enum err err = fronts_new(fronts, &app.listener, &app.site, app.loops, app.loop_count);
    if (err)
        return err;
    err = fronts_start(fronts);
    if (!err) {
        start_accepting(started_ns);
        fronts_run(fronts);
    }
    fronts_free(fronts);
    return err;
}

/* It stops after the fronts, so that somebody can be asked how their drain goes; before what its pages read. */
static enum err with_admin(uint64_t started_ns)
{
    enum err err = admin_start(&app.site);
    if (err)
        return err;
    err = with_fronts(started_ns);
    admin_stop();
    return err;
}

static enum err with_models(uint64_t started_ns)
{
    enum err err = models_start(&app.models);
    if (err)
        return err;
    err = with_admin(started_ns);
    models_stop(&app.models);
    return err;
}

static enum err with_python(uint64_t started_ns)
{
    if (!app.python)
        return with_models(started_ns);
    enum err err = python_start(app.config->venv);
    if (err)
        return err;
    app.source.python_startup_ns = python_startup_ns();
    err = reloader_note_app(mounts_load_app(app.config, &app.models));
    if (!err)
        err = with_models(started_ns);
    recent_stop(&app.recent); /* it reads the GIL's accounts, which end now */
    python_stop();
    return err;
}

static enum err with_native(uint64_t started_ns)
{
    if (!app.config->native)
        return with_python(started_ns);
    enum err err = reloader_note_app(mounts_load_native(app.config, &app.models));
    if (err)
        return err;
    err = with_python(started_ns);
    native_teardown(app.loops, app.loop_count);
    return err;
}

static enum err with_workloads(uint64_t started_ns)
{
    enum err err = workloads_setup(&workloads);
    if (err)
        return err;
    err = with_native(started_ns);
    workloads_teardown(&workloads);
    return err;
}

static enum err with_signals(uint64_t started_ns)
{
    describe(started_ns);
    enum err err = supervisor_start();
    return err ? err : reloader_wait(with_workloads(started_ns));
}

/* Before what takes time: a port in use is told at once, and early clients wait instead of being refused. */
static enum err with_listeners(uint64_t started_ns)
{
    enum err err = listener_open(&app.listener, supervisor_loop(), app.config, "--port", app.config->port,
                                 reexec_inherited("--port"));
    if (err)
        return err;
    err = admin_open(app.config, supervisor_loop());
    if (!err) {
        err = with_signals(started_ns);
        admin_close();
    }
    listener_close(&app.listener);
    return err;
}

/* The supervisor goes last but for the loops: until then it ends a process whose end hangs. */
static enum err with_supervisor(uint64_t started_ns)
{
    enum err err = supervisor_open(app.config->drain_timeout_ns, &events);
    if (err)
        return err;
    marks_init(&app.marks);
    err = reloader_open(app.config, &app.listener);
    if (!err)
        err = with_listeners(started_ns);
    supervisor_stop();
    marks_free(&app.marks);
    return err;
}

static enum err with_loops(uint64_t started_ns)
{
    enum err err = ERR_OK;
    while (!err && app.loop_count < app.config->loops) {
        err = loop_new(app.loop_count, &app.loops[app.loop_count]);
        if (!err)
            app.loop_count++;
    }
    if (!err)
        err = with_supervisor(started_ns);
    while (app.loop_count > 0)
        loop_free(app.loops[--app.loop_count]);
    return err;
}

enum err app_run(const struct config *config, uint64_t started_ns)
{
    app.config = config;
    enum err err = models_select(&app.models, config->mode);
    if (!err)
        err = descriptors_raise_limit(config);
    if (err)
        return err;
    app.python = models_need_python(&app.models);
    err = mounts_check(config, &app.models);
    if (!err)
        err = reloader_check(config);
    if (err || config->check_config)
        return err;
    /* libuv reads it when its pool is first used. */
    char threads[24];
    (void)snprintf(threads, sizeof threads, "%llu", (unsigned long long)config->threads);
    CHECK(setenv("UV_THREADPOOL_SIZE", threads, 1) == 0);
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    return with_loops(started_ns);
}
