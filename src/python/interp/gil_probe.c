#include "python/interp/gil_probe.h"

#define Py_BUILD_CORE 1
#include <Python.h>

#define GIL_LAYOUT_KNOWN (PY_VERSION_HEX >= 0x030c0000 && PY_VERSION_HEX < 0x030e0000)

#if GIL_LAYOUT_KNOWN
#include <internal/pycore_interp.h>
#endif

#include <pthread.h>
#include <uv.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

#if GIL_LAYOUT_KNOWN

enum { PERIOD_MS = 10 };

static struct {
    uv_thread_t thread;
    uv_mutex_t lock; /* guards stopping */
    uv_cond_t stop;
    bool running, stopping;
} probe;

/* The watched GILs, under the lock. An interpreter frees its GIL, so its watch must leave the list before that. */
static LIST_HEAD(watches, gil_watch) watches;
static pthread_mutex_t watches_lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_held(const struct _gil_runtime_state *gil)
{
#if PY_VERSION_HEX >= 0x030d0000
    return __atomic_load_n(&gil->locked, __ATOMIC_RELAXED) > 0;
#else
    return atomic_load_explicit(&gil->locked._value, memory_order_relaxed) > 0;
#endif
}

static void look(struct gil_watch *watch)
{
    const struct _gil_runtime_state *gil = watch->gil;
    uint64_t held = is_held(gil);
    atomic_store_explicit(&watch->switches_total, __atomic_load_n(&gil->switch_number, __ATOMIC_RELAXED),
                          memory_order_relaxed);
    /* gil_watch_read loads these in the reverse order, so that a reading never has more held than samples. */
    atomic_store_explicit(&watch->samples, counter_read(&watch->samples) + 1, memory_order_release);
    atomic_store_explicit(&watch->held, counter_read(&watch->held) + held, memory_order_release);
}

static void look_at_all(void)
{
    struct gil_watch *watch;
    CHECK(pthread_mutex_lock(&watches_lock) == 0);
    LIST_FOREACH(watch, &watches, link)
        look(watch);
    CHECK(pthread_mutex_unlock(&watches_lock) == 0);
}

static void run(void *unused)
{
    (void)unused;
    uint32_t random = 1;
    uv_mutex_lock(&probe.lock);
    while (!probe.stopping) {
        random = random * 1664525 + 1013904223; /* Numerical Recipes, 7.1 */
        uint64_t wait_ns = PERIOD_MS * NS_PER_MS / 2 + PERIOD_MS * NS_PER_MS * (uint64_t)(random >> 16) / 65536;
        if (uv_cond_timedwait(&probe.stop, &probe.lock, wait_ns) == UV_ETIMEDOUT)
            look_at_all();
    }
    uv_mutex_unlock(&probe.lock);
}

void gil_probe_start(void)
{
    probe.stopping = false;
    uv_mutex_init(&probe.lock);
    uv_cond_init(&probe.stop);
    probe.running = uv_thread_create(&probe.thread, run, NULL) == 0;
    if (!probe.running)
        log_warn("no thread to watch the GIL with: /stats will not know who holds it");
}

void gil_probe_stop(void)
{
    if (!probe.running)
        return;
    uv_mutex_lock(&probe.lock);
    probe.stopping = true;
    uv_cond_signal(&probe.stop);
    uv_mutex_unlock(&probe.lock);
    uv_thread_join(&probe.thread);
    uv_cond_destroy(&probe.stop);
    uv_mutex_destroy(&probe.lock);
    probe.running = false;
}

/* Does nothing unless the running version is the one that this was built with: only its layout is known. */
void gil_watch_start(struct gil_watch *watch)
{
    if (Py_Version != PY_VERSION_HEX)
        return;
    watch->gil = PyInterpreterState_Get()->ceval.gil;
    CHECK(pthread_mutex_lock(&watches_lock) == 0);
    LIST_INSERT_HEAD(&watches, watch, link);
    CHECK(pthread_mutex_unlock(&watches_lock) == 0);
}

void gil_watch_stop(struct gil_watch *watch)
{
    if (!watch->gil)
        return;
    CHECK(pthread_mutex_lock(&watches_lock) == 0);
    LIST_REMOVE(watch, link);
    CHECK(pthread_mutex_unlock(&watches_lock) == 0);
    watch->gil = NULL;
}

struct gil_reading gil_watch_read(const struct gil_watch *watch)
{
    uint64_t held = atomic_load_explicit(&watch->held, memory_order_acquire);
    uint64_t samples = atomic_load_explicit(&watch->samples, memory_order_acquire);
    return (struct gil_reading){
        .known = samples > 0,
        .switches_total = counter_read(&watch->switches_total),
        .samples = samples,
        .held = held,
    };
}

#else

void gil_probe_start(void)
{
    log_info("Python %s keeps its GIL in a way that tandem does not know: /stats will not say who holds it",
             PY_VERSION);
}

void gil_probe_stop(void)
{
}

void gil_watch_start(struct gil_watch *watch)
{
    (void)watch;
}

void gil_watch_stop(struct gil_watch *watch)
{
    (void)watch;
}

struct gil_reading gil_watch_read(const struct gil_watch *watch)
{
    (void)watch;
    return (struct gil_reading){.known = false};
}

#endif
