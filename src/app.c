#include "app.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/site.h"
#include "http/front.h"
#include "http/listener.h"
#include "models/models.h"
#include "python/runtime.h"
#include "stats/index.h"
#include "stats/marks.h"
#include "stats/pages.h"
#include "stats/recent.h"
#include "supervisor.h"
#include "workloads/workloads.h"

/* Sockets and files beside the connections: libraries, epoll, the workloads' files, Python's. */
enum { DESCRIPTORS_BESIDE = 256 };

struct app {
    const struct config *config;
    struct models models;
    struct site site;
    struct stats_source source;
    struct marks marks;
    struct recent recent;
    struct loop *loop;
    struct front *front;
    struct listener listener;
    uv_async_t drain;
    bool python;
};

static struct app app;

static void on_closed(struct front *front)
{
    (void)front;
    listener_on_closed(&app.listener);
}

static void on_drained(struct front *front)
{
    (void)front;
    uv_stop(&app.loop->uv);
}

static const struct front_events front_events = {on_closed, on_drained};

/* LOOP. */
static void on_drain(uv_async_t *drain)
{
    (void)drain;
    log_info("%u connections open, %u requests in flight", front_connections(app.front), app.front->outstanding);
    listener_drain(&app.listener);
    front_drain(app.front);
}

/* The supervisor's thread. */
static void ask_to_drain(void)
{
    CHECK(uv_async_send(&app.drain) == 0);
}

/* The supervisor's thread. */
static void every_second(void)
{
    recent_sample(&app.recent);
}

/* As many descriptors as --max-connections needs, or none at all: running out of them later would be worse. */
static enum err raise_descriptor_limit(const struct config *config)
{
    struct rlimit limit;
    rlim_t wanted = config->max_connections + DESCRIPTORS_BESIDE;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur >= wanted)
        return ERR_OK;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted)
        return err_fail(
            ERR_INVALID,
            "--max-connections %llu: needs %llu file descriptors, and this process may have %llu (ulimit -n); "
            "at most %lld connections fit",
            (unsigned long long)config->max_connections, (unsigned long long)wanted, (unsigned long long)limit.rlim_max,
            (long long)limit.rlim_max - DESCRIPTORS_BESIDE);
    limit.rlim_cur = wanted;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    return ERR_OK;
}

static void describe(uint64_t started_ns)
{
    app.site = (struct site){
        .config = app.config,
        .models = &app.models,
        .workloads = &workloads,
        .pages =
            {
                {"/", "what is served here", index_render, &app.site},
                {"/stats", "what was served, how fast, and where the time went", stats_render, &app.source,
                 .params = {"since", "format"}},
                {"/stats/marks/NAME", "POST: remembers this moment, for /stats?since=NAME", mark_render, &app.source,
                 .takes_name = true, .takes_post = true},
                {"/metrics", "the same as /stats for Prometheus", metrics_render, &app.source},
            },
        .page_count = 4,
    };
    app.source = (struct stats_source){
        .site = &app.site,
        .loops = &app.loop,
        .loop_count = 1,
        .python_version = app.python ? python_version() : NULL,
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
        model->workloads = &workloads;
        model->loops = &app.loop;
        model->loop_count = 1;
    }
    marks_init(&app.marks);
    recent_init(&app.recent, &app.source);
}

static void print_ready(uint64_t started_ns)
{
    app.source.startup_ns = clock_ns() - started_ns;
    printf("tandem ready %s mode=%s pid=%d startup=%.1fms\n", app.listener.url, app.config->mode, (int)getpid(),
           (double)app.source.startup_ns / NS_PER_MS);
    fflush(stdout);
}

static void serve(uint64_t started_ns)
{
    listener_start(&app.listener, app.front);
    print_ready(started_ns);
    loop_run(app.loop);
}

/* Each step undoes itself on the way back; what it undoes is no longer in use by then. */
static enum err with_front(uint64_t started_ns)
{
    enum err err = front_new(app.loop, &app.site, &front_events, NULL, &app.front);
    if (err)
        return err;
    serve(started_ns);
    front_free(app.front);
    return ERR_OK;
}

static enum err with_models(uint64_t started_ns)
{
    enum err err = models_start(&app.models);
    if (err)
        return err;
    err = with_front(started_ns);
    models_stop(&app.models);
    return err;
}

static enum err with_python(uint64_t started_ns)
{
    if (!app.python)
        return with_models(started_ns);
    enum err err = python_start();
    if (err)
        return err;
    app.source.python_startup_ns = python_startup_ns();
    err = with_models(started_ns);
    recent_stop(&app.recent); /* it reads the GIL's accounts, which end now */
    python_stop();
    return err;
}

static enum err with_workloads(uint64_t started_ns)
{
    enum err err = workloads_setup(&workloads);
    if (err)
        return err;
    err = with_python(started_ns);
    workloads_teardown(&workloads);
    return err;
}

static enum err with_listener(uint64_t started_ns)
{
    enum err err = listener_open(&app.listener, &app.loop->uv, app.config);
    if (err)
        return err;
    err = with_workloads(started_ns);
    listener_close(&app.listener);
    return err;
}

/* The supervisor goes last but for the loop: until then it ends a process whose end hangs. */
static enum err with_loop(uint64_t started_ns)
{
    enum err err = loop_new(0, &app.loop);
    if (err)
        return err;
    CHECK(uv_async_init(&app.loop->uv, &app.drain, on_drain) == 0);
    describe(started_ns);
    err = supervisor_start(app.config->drain_timeout_ns, ask_to_drain, every_second);
    if (!err) {
        /* Before what takes time: a port in use is told at once, and early clients wait instead of being refused. */
        err = with_listener(started_ns);
        supervisor_stop();
    }
    marks_free(&app.marks);
    uv_close((uv_handle_t *)&app.drain, NULL);
    loop_free(app.loop);
    return err;
}

enum err app_run(const struct config *config, uint64_t started_ns)
{
    app.config = config;
    enum err err = models_select(&app.models, config->mode);
    if (!err)
        err = raise_descriptor_limit(config);
    if (err)
        return err;
    if (config->check_config)
        return ERR_OK;
    app.python = models_need_python(&app.models);
    /* libuv reads it when its pool is first used. */
    char threads[24];
    (void)snprintf(threads, sizeof threads, "%llu", (unsigned long long)config->threads);
    CHECK(setenv("UV_THREADPOOL_SIZE", threads, 1) == 0);
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    return with_loop(started_ns);
}
