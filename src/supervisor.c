#include "supervisor.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "reload/reexec.h"

static struct {
    uv_thread_t thread;
    uv_loop_t loop;
    uv_signal_t term, interrupt;
    uv_timer_t drain_timer, second;
    uv_async_t end;
    uint64_t drain_timeout_ns;
    const struct supervisor_events *events;
    bool draining;         /* for a signal */
    atomic_bool reloading; /* and not draining */
    bool late;             /* the drain before the reload has taken too long */
    unsigned end_turns;    /* see end_to_reload */
    atomic_bool ended;     /* all else has */
    bool stopped;          /* its loop is left as it is */
    bool running;          /* it has its thread */
} supervisor;

static void exit_now(void)
{
    fflush(NULL);
    _exit(1);
}

/* No signal may be lost on the way to the new process. Those that come from now on end this one, which has nothing left
 * to stop; those that came before libuv has in a pipe, and it tells of them in the next turn of the loop, behind all
 * else: so it takes two more. The handles stay as they are, since closing them would bring the default back. */
static void end_to_reload(void)
{
    enum { TURNS = 3 };
    if (supervisor.end_turns++ == 0)
        reexec_end_on_signal();
    if (supervisor.end_turns < TURNS) {
        CHECK(uv_async_send(&supervisor.end) == 0);
    } else if (supervisor.late) {
        supervisor.events->on_late_reload();
        exit_now();
    } else {
        supervisor.stopped = true;
        uv_stop(&supervisor.loop);
    }
}

static void on_timeout(uv_timer_t *timer)
{
    (void)timer;
    if (atomic_load(&supervisor.reloading)) {
        log_warn("reload: not drained within --drain-timeout (%llu ms); what is still in flight is broken off",
                 (unsigned long long)(supervisor.drain_timeout_ns / NS_PER_MS));
        supervisor.late = true;
        end_to_reload();
        return;
    }
    log_error("not drained within --drain-timeout (%llu ms): a handler has not returned, or a client neither sends nor "
              "takes the rest; exiting",
              (unsigned long long)(supervisor.drain_timeout_ns / NS_PER_MS));
    exit_now();
}

static void drain(bool to_reload)
{
    atomic_store(&supervisor.reloading, to_reload);
    CHECK(uv_timer_start(&supervisor.drain_timer, on_timeout, supervisor.drain_timeout_ns / NS_PER_MS, 0) == 0);
    supervisor.events->on_drain(to_reload);
}

void supervisor_reload(void)
{
    if (!supervisor.draining && !atomic_load(&supervisor.reloading))
        drain(true);
}

bool supervisor_reloads(void)
{
    return atomic_load(&supervisor.reloading);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)handle;
    if (supervisor.draining) {
        log_warn("a second SIG%s: exiting at once", sigabbrev_np(number));
        exit_now();
    }
    supervisor.draining = true;
    log_info("SIG%s: draining, for at most %llu ms", sigabbrev_np(number),
             (unsigned long long)(supervisor.drain_timeout_ns / NS_PER_MS));
    drain(false);
}

static void on_second(uv_timer_t *timer)
{
    (void)timer;
    supervisor.events->every_second();
}

static void on_end(uv_async_t *end)
{
    (void)end;
    if (atomic_load(&supervisor.reloading))
        end_to_reload();
    if (atomic_load(&supervisor.reloading) || !atomic_load(&supervisor.ended))
        return; /* not ended: a signal came when a late reload had begun */
    supervisor.events->on_end();
    uv_close((uv_handle_t *)&supervisor.term, NULL);
    uv_close((uv_handle_t *)&supervisor.interrupt, NULL);
    uv_close((uv_handle_t *)&supervisor.drain_timer, NULL);
    uv_close((uv_handle_t *)&supervisor.second, NULL);
    uv_close((uv_handle_t *)&supervisor.end, NULL);
}

static void run(void *unused)
{
    (void)unused;
    int open = uv_run(&supervisor.loop, UV_RUN_DEFAULT);
    CHECK(supervisor.stopped || (open == 0 && uv_loop_close(&supervisor.loop) == 0));
}

enum err supervisor_open(uint64_t drain_timeout_ns, const struct supervisor_events *events)
{
    supervisor.drain_timeout_ns = drain_timeout_ns;
    supervisor.events = events;
    uv_loop_t *loop = &supervisor.loop;
    int status = uv_loop_init(loop);
    if (status)
        return err_fail(ERR_SYSTEM, "cannot make the supervisor's event loop: %s", uv_strerror(status));
    status = uv_async_init(loop, &supervisor.end, on_end);
    if (!status)
        status = uv_timer_init(loop, &supervisor.drain_timer);
    if (!status)
        status = uv_timer_init(loop, &supervisor.second);
    if (!status)
        status = uv_signal_init(loop, &supervisor.term);
    if (!status)
        status = uv_signal_init(loop, &supervisor.interrupt);
    /* The process ends then, so its handles may stay as they are. */
    return status ? err_fail(ERR_SYSTEM, "cannot make the supervisor: %s", uv_strerror(status)) : ERR_OK;
}

uv_loop_t *supervisor_loop(void)
{
    return &supervisor.loop;
}

enum err supervisor_start(void)
{
    int status = uv_signal_start(&supervisor.term, on_signal, SIGTERM);
    if (!status)
        status = uv_signal_start(&supervisor.interrupt, on_signal, SIGINT);
    reexec_mask_signals(SIG_UNBLOCK); /* those that came while the program was started anew have waited */
    if (!status)
        status = uv_timer_start(&supervisor.second, on_second, 1000, 1000);
    if (!status)
        status = uv_thread_create(&supervisor.thread, run, NULL);
    supervisor.running = status == 0;
    return status ? err_fail(ERR_SYSTEM, "cannot start the supervisor: %s", uv_strerror(status)) : ERR_OK;
}

void supervisor_stop(void)
{
    atomic_store(&supervisor.ended, true);
    CHECK(uv_async_send(&supervisor.end) == 0);
    if (supervisor.running)
        CHECK(uv_thread_join(&supervisor.thread) == 0);
    else
        run(NULL);
    /* The end is all that is left, and nobody catches signals any more. */
    if (!supervisor_reloads())
        CHECK(signal(SIGTERM, SIG_IGN) != SIG_ERR && signal(SIGINT, SIG_IGN) != SIG_ERR);
}
