#include "server/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/fork.h"
#include "base/format.h"
#include "base/log.h"
#include "base/own_fds.h"
#include "base/signals.h"
#include "core/loop.h"
#include "core/routes.h"
#include "http/accept/listener.h"
#include "http/io_thread/io_thread.h"
#include "http/io_thread/io_threads.h"
#include "models/models.h"
#include "native/native.h"
#include "pages/health.h"
#include "pages/index.h"
#include "pages/stats_pages.h"
#include "pages/stream.h"
#include "python/interp/runtime.h"
#include "reload/process_end.h"
#include "reload/reexec.h"
#include "server/admin.h"
#include "server/control_thread.h"
#include "server/fd_limit.h"
#include "server/mounts.h"
#include "server/reloader.h"
#include "stats/marks.h"
#include "stats/sliding_window.h"
#include "workloads/workloads.h"

struct server {
    const struct config *config;
    struct models models;
    const struct workload *offered[WORKLOADS_MAX];
    struct workloads workloads; /* tandem's own, and the mounts */
    struct routes routes;
    struct stats_source source;
    struct marks marks;
    struct sliding_window sliding_window;
    struct stats_streams stats_streams;
    struct health health;
    struct loop *loops[LOOPS_MAX];
    unsigned loop_count;
    struct io_threads io_threads;
    struct listener listener;
    bool python;
};

static struct server server;

/* Control thread. */
static void on_drain(bool to_reload)
{
    reloader_on_drain(to_reload);
    atomic_store(&server.health.draining, true);
    listener_drain(&server.listener);
}

/* Control thread. */
static void every_second(void)
{
    sliding_window_sample(&server.sliding_window);
}

static const struct control_thread_events events = {on_drain, reloader_on_late, every_second, reloader_on_end};

/* Lists tandem's own workloads, then the mounts. */
static void list_workloads(void)
{
    server.workloads = (struct workloads){server.offered, workloads.count};
    memcpy(server.offered, workloads.list, workloads.count * sizeof *workloads.list);
    server.workloads.count += mounts_list(server.config, &server.offered[workloads.count]);
}

static void describe(uint64_t started_ns)
{
    list_workloads();
    server.routes = (struct routes){
        .config = server.config,
        .models = &server.models,
        .workloads = &server.workloads,
        .pages =
            {
                {"/", "what is served here", index_render, &server.routes},
                {"/stats", "what was served, how fast, and where the time went", stats_render, &server.source,
                 .params = {"since", "format"}},
                {"/stats/marks/NAME", "POST: remembers this moment, for /stats?since=NAME", mark_render, &server.source,
                 .takes_name = true, .takes_post = true},
                {"/stats/stream", "the same every second, as server-sent events", stats_stream_render,
                 &server.stats_streams},
                {"/metrics", "the same as /stats for Prometheus", metrics_render, &server.source},
                {"/livez", "200 while the process runs", livez_render, NULL},
                {"/readyz", "200 while it takes requests, 503 in the drain", readyz_render, &server.health},
            },
    };
    server.routes.root = mounts_root(server.config, &server.models);
    server.routes.pages_prefix = mounts_pages_prefix(server.config, &server.models);
    mounts_list_absent(server.config, server.routes.absent_mounts);
    server.stats_streams.source = &server.source;
    server.source = (struct stats_source){
        .routes = &server.routes,
        .loops = server.loops,
        .loop_count = server.loop_count,
        .python_version = server.python ? python_version() : NULL,
        .gc_threshold = server.python ? server.config->gc_threshold : NULL,
        .admin_url = admin_url(),
        .libmicrohttpd_version = io_thread_libmicrohttpd_version(),
        .started_at = clock_unix_seconds() - (double)(clock_ns() - started_ns) / NS_PER_S,
        .started_ns = started_ns,
        .read_gils = server.python ? python_read_gils : NULL,
        .sliding_window = &server.sliding_window,
        .marks = &server.marks,
    };
    for (unsigned i = 0; i < server.models.count; i++) {
        struct model *model = &server.models.list[i];
        model->config = server.config;
        model->workloads = &server.workloads;
        model->loops = server.loops;
        model->loop_count = server.loop_count;
    }
    sliding_window_init(&server.sliding_window, &server.source);
}

static void print_ready_line(void)
{
    char startup[32];
    (void)format_text(startup, sizeof startup, "%.1f", (double)server.source.startup_ns / NS_PER_MS);
    printf("tandem ready %s mode=%s pid=%d startup=%sms", server.listener.url, server.config->mode, (int)getpid(),
           startup);
    const uint64_t *gc_threshold = server.source.gc_threshold;
    if (gc_threshold)
        printf(" gc_threshold=%llu,%llu,%llu", (unsigned long long)gc_threshold[0], (unsigned long long)gc_threshold[1],
               (unsigned long long)gc_threshold[2]);
    putchar('\n');
    fflush(stdout);
}

/* All data that the I/O threads read is complete before listener_start. */
static void start_accepting(uint64_t started_ns)
{
    server.source.startup_ns = clock_ns() - started_ns;
    listener_start(&server.listener, server.io_threads.list, server.io_threads.count);
    admin_accept();
    print_ready_line();
}

/* Each with_… function starts one part, calls the next such function, and then stops its part, which nothing uses any
 * more. */
static enum err with_io_threads(uint64_t started_ns)
{
    struct io_threads *io_threads = &server.io_threads;
    enum err err = io_threads_new(io_threads, &server.listener, &server.routes, server.loops, server.loop_count);
    if (err)
        return err;
    err = io_threads_start(io_threads);
    if (!err) {
        start_accepting(started_ns);
        io_threads_run(io_threads);
    }
    io_threads_free(io_threads);
    return err;
}

/* The admin I/O thread stops after the other I/O threads, so that its pages can show their drain. It stops before the
 * models, which its pages read. */
static enum err with_admin(uint64_t started_ns)
{
    enum err err = admin_start(&server.routes);
    if (err)
        return err;
    err = with_io_threads(started_ns);
    admin_stop();
    return err;
}

static enum err with_models(uint64_t started_ns)
{
    enum err err = models_start(&server.models);
    if (err)
        return err;
    err = with_admin(started_ns);
    control_thread_waits_for("the shutdown of the app, or a thread that it has started, has not ended");
    models_stop(&server.models);
    return err;
}

/* The thread of the app that has called os._exit(). */
static void on_exit_of_app(int status)
{
    log_warn("the app ends the process by os._exit(%d)", status);
    process_end_by_exit(status);
}

static enum err with_python(uint64_t started_ns)
{
    if (!server.python)
        return with_models(started_ns);
    python_on_exit(on_exit_of_app);
    enum err err = python_start(server.config->venv, server.config->gc_threshold);
    if (err)
        return err;
    server.source.python_startup_ns = python_startup_ns();
    err = reloader_note_app(mounts_load_app(server.config, &server.models));
    control_thread_keep_signals();
    if (!err)
        err = with_models(started_ns);
    sliding_window_stop(&server.sliding_window); /* it reads the GILs' statistics, which end now */
    python_stop();
    return err;
}

static enum err with_native(uint64_t started_ns)
{
    if (!server.config->native)
        return with_python(started_ns);
    enum err err = reloader_note_app(mounts_load_native(server.config, &server.models));
    control_thread_keep_signals();
    if (err)
        return err;
    err = with_python(started_ns);
    native_teardown(server.loops, server.loop_count);
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
    enum err err = control_thread_start();
    own_fds_add_all(); /* the user's code comes later */
    reloader_watch_end();
    if (err)
        return err;
    err = reloader_last_end();
    err = reloader_wait(err ? err : with_workloads(started_ns));
    reloader_end_expected();
    return err;
}

/* The listeners open before the slow steps: a port in use is reported at once, and early clients wait in the backlog
 * instead of being refused. */
static enum err with_listeners(uint64_t started_ns)
{
    enum err err = listener_open(&server.listener, control_thread_loop(), server.config, "--port", server.config->port,
                                 reexec_inherited("--port"));
    if (err)
        return err;
    err = admin_open(server.config, control_thread_loop());
    if (!err) {
        err = with_signals(started_ns);
        admin_close();
    }
    listener_close(&server.listener);
    return err;
}

/* The control thread stops last, except for the loops: until then it can end a process whose shutdown hangs. */
static enum err with_control_thread(uint64_t started_ns)
{
    enum err err = control_thread_open(server.config->drain_timeout_ns, &events);
    if (err)
        return err;
    marks_init(&server.marks);
    err = reloader_open(server.config, &server.listener);
    if (!err)
        err = with_listeners(started_ns);
    control_thread_stop();
    marks_free(&server.marks);
    return err;
}

static enum err with_loops(uint64_t started_ns)
{
    enum err err = ERR_OK;
    fork_watch();
    while (!err && server.loop_count < server.config->loops) {
        err = loop_new(server.loop_count, &server.loops[server.loop_count]);
        if (!err)
            server.loop_count++;
    }
    if (!err)
        err = with_control_thread(started_ns);
    while (server.loop_count > 0)
        loop_free(server.loops[--server.loop_count]);
    return err;
}

enum err server_run(const struct config *config, uint64_t started_ns)
{
    server.config = config;
    enum err err = models_select(&server.models, config->mode);
    if (!err)
        err = fd_limit_raise(config);
    if (err)
        return err;
    server.python = models_need_python(&server.models);
    err = mounts_check(config, &server.models);
    if (!err)
        err = reloader_check(config);
    if (!err && server.python && config->venv)
        err = python_check_venv(config->venv);
    if (err || config->check_config)
        return err;
    /* libuv reads UV_THREADPOOL_SIZE when its thread pool is first used. */
    char threads[24];
    (void)snprintf(threads, sizeof threads, "%llu", (unsigned long long)config->threads);
    CHECK(setenv("UV_THREADPOOL_SIZE", threads, 1) == 0);
    signals_start();
    return with_loops(started_ns);
}
