#include "server/control_thread.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"
#include "python/interp/ending.h"
#include "reload/reexec.h"

static struct {
    uv_thread_t thread;
    uv_loop_t loop;
    uv_signal_t signals[SIGNALS_OF_END];
    uv_timer_t drain_timer, second;
    uv_async_t end;
    uint64_t drain_timeout_ns;
    const struct control_thread_events *events;
    bool draining;                   /* a signal has come */
    atomic_bool reloading;           /* draining to reload; false again when a signal comes */
    bool late;                       /* --drain-timeout expired in a reload */
    unsigned end_iterations;         /* see end_to_reload */
    atomic_bool ended;               /* all other threads have ended */
    bool stopped;                    /* the loop was stopped with its handles open */
    bool running;                    /* the thread was started */
    _Atomic(const char *) waits_for; /* once it has drained; NULL: it has not */
    _Atomic uint64_t deadline_ns;    /* of the drain; 0: no signal has come */
} control_thread;

/* Other threads still run, so nothing that they may hold is waited for: not stdio either, whose locks a handler of the
 * user's may hold. What Python has buffered is given a tenth of a second. The log is unbuffered. */
static void exit_now(void)
{
    ending_flush();
    _exit(1);
}

/* Ends the loop before a reload without losing a signal. Signals that come from now on end this process at once:
 * nothing is left to stop or to wait for. Earlier signals are in libuv's pipe. libuv delivers them in the next
 * iteration of the loop, after all other events, so the loop runs two more iterations. The handles stay open, because
 * closing them would restore the signals' default actions. */
static void end_to_reload(void)
{
    enum { ITERATIONS = 3 };
    if (control_thread.end_iterations++ == 0)
        reexec_end_on_signal();
    if (control_thread.end_iterations < ITERATIONS) {
        CHECK(uv_async_send(&control_thread.end) == 0);
    } else if (control_thread.late) {
        control_thread.events->on_late_reload();
        exit_now();
    } else {
        control_thread.stopped = true;
        uv_stop(&control_thread.loop);
    }
}

static void on_timeout(uv_timer_t *timer)
{
    (void)timer;
    if (atomic_load(&control_thread.reloading)) {
        log_warn("reload: not drained within --drain-timeout (%llu ms); what is still in flight is broken off",
                 (unsigned long long)(control_thread.drain_timeout_ns / NS_PER_MS));
        control_thread.late = true;
        end_to_reload();
        return;
    }
    char held_up_by[256];
    const char *drained = atomic_load(&control_thread.waits_for);
    if (!ending_describe(held_up_by, sizeof held_up_by))
        (void)snprintf(held_up_by, sizeof held_up_by, "%s",
                       drained ? drained : "a handler has not returned, or a client neither sends nor takes the rest");
    log_error("not %s within --drain-timeout (%llu ms): %s; exiting", drained ? "ended" : "drained",
              (unsigned long long)(control_thread.drain_timeout_ns / NS_PER_MS), held_up_by);
    exit_now();
}

static void drain(bool to_reload)
{
    atomic_store(&control_thread.reloading, to_reload);
    CHECK(uv_timer_start(&control_thread.drain_timer, on_timeout, control_thread.drain_timeout_ns / NS_PER_MS, 0) == 0);
    control_thread.events->on_drain(to_reload);
}

void control_thread_reload(void)
{
    if (!control_thread.draining && !atomic_load(&control_thread.reloading))
        drain(true);
}

bool control_thread_reloads(void)
{
    return atomic_load(&control_thread.reloading);
}

void control_thread_keep_signals(void)
{
    int taken = signals_keep();
    if (taken)
        log_warn("code of the user's took SIG%s, which ends the server; tandem has taken it back", sigabbrev_np(taken));
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)handle;
    if (control_thread.draining) {
        log_warn("a second SIG%s: exiting at once", sigabbrev_np(number));
        exit_now();
    }
    control_thread.draining = true;
    atomic_store(&control_thread.deadline_ns, clock_ns() + control_thread.drain_timeout_ns);
    log_info("SIG%s: draining, for at most %llu ms", sigabbrev_np(number),
             (unsigned long long)(control_thread.drain_timeout_ns / NS_PER_MS));
    drain(false);
}

static void on_second(uv_timer_t *timer)
{
    (void)timer;
    control_thread_keep_signals();
    control_thread.events->every_second();
}

static void on_end(uv_async_t *end)
{
    (void)end;
    if (atomic_load(&control_thread.reloading))
        end_to_reload();
    if (atomic_load(&control_thread.reloading) || !atomic_load(&control_thread.ended))
        return; /* other threads may still run: a signal cancelled a late reload */
    control_thread.events->on_end();
    for (unsigned i = 0; i < SIGNALS_OF_END; i++)
        uv_close((uv_handle_t *)&control_thread.signals[i], NULL);
    uv_close((uv_handle_t *)&control_thread.drain_timer, NULL);
    uv_close((uv_handle_t *)&control_thread.second, NULL);
    uv_close((uv_handle_t *)&control_thread.end, NULL);
}

static void run(void *unused)
{
    (void)unused;
    int open = uv_run(&control_thread.loop, UV_RUN_DEFAULT);
    CHECK(control_thread.stopped || (open == 0 && uv_loop_close(&control_thread.loop) == 0));
}

enum err control_thread_open(uint64_t drain_timeout_ns, const struct control_thread_events *events)
{
    control_thread.drain_timeout_ns = drain_timeout_ns;
    control_thread.events = events;
    uv_loop_t *loop = &control_thread.loop;
    int status = uv_loop_init(loop);
    if (status)
        return err_fail(ERR_SYSTEM, "cannot make the control thread's event loop: %s", uv_strerror(status));
    status = uv_async_init(loop, &control_thread.end, on_end);
    if (!status)
        status = uv_timer_init(loop, &control_thread.drain_timer);
    if (!status)
        status = uv_timer_init(loop, &control_thread.second);
    for (unsigned i = 0; !status && i < SIGNALS_OF_END; i++)
        status = uv_signal_init(loop, &control_thread.signals[i]);
    /* On error the process ends, so the handles may stay open. */
    return status ? err_fail(ERR_SYSTEM, "cannot make the control thread: %s", uv_strerror(status)) : ERR_OK;
}

uv_loop_t *control_thread_loop(void)
{
    return &control_thread.loop;
}

enum err control_thread_start(void)
{
    int status = 0;
    for (unsigned i = 0; !status && i < SIGNALS_OF_END; i++)
        if (!signals_is_ignored(signals_of_end[i]))
            status = uv_signal_start(&control_thread.signals[i], on_signal, signals_of_end[i]);
    signals_remember();
    signals_mask(SIG_UNBLOCK); /* delivers signals that came while the program started anew */
    if (!status)
        status = uv_timer_start(&control_thread.second, on_second, 1000, 1000);
    if (!status)
        status = uv_thread_create(&control_thread.thread, run, NULL);
    control_thread.running = status == 0;
    return status ? err_fail(ERR_SYSTEM, "cannot start the control thread: %s", uv_strerror(status)) : ERR_OK;
}

void control_thread_waits_for(const char *what)
{
    atomic_store(&control_thread.waits_for, what);
}

void control_thread_stop(void)
{
    atomic_store(&control_thread.ended, true);
    CHECK(uv_async_send(&control_thread.end) == 0);
    if (control_thread.running)
        CHECK(uv_thread_join(&control_thread.thread) == 0);
    else
        run(NULL);
    /* Closing the handles has restored the default actions. A signal must not change the exit status now. */
    if (!control_thread_reloads())
        signals_handle(SIG_IGN);
}

uint64_t control_thread_remaining_ns(uint64_t drain_timeout_ns)
{
    uint64_t deadline_ns = atomic_load(&control_thread.deadline_ns);
    return deadline_ns ? clock_between(clock_ns(), deadline_ns) : drain_timeout_ns;
}
