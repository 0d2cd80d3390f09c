#include "python/gil_probe.h"

#define Py_BUILD_CORE 1
#include <Python.h>

#define GIL_LAYOUT_KNOWN (PY_VERSION_HEX >= 0x030c0000 && PY_VERSION_HEX < 0x030e0000)

#if GIL_LAYOUT_KNOWN
#include <internal/pycore_interp.h>
#endif

#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/stats.h"

#if GIL_LAYOUT_KNOWN

enum { PERIOD_MS = 10 };

static struct {
    uv_thread_t thread;
    uv_mutex_t lock; /* guards stopping */
    uv_cond_t stop;
    bool running, stopping;
    const struct _gil_runtime_state *gil;
    counter looks, held, switches_total;
} probe;

static bool is_held(const struct _gil_runtime_state *gil)
{
#if PY_VERSION_HEX >= 0x030d0000
    return __atomic_load_n(&gil->locked, __ATOMIC_RELAXED) > 0;
#else
    return atomic_load_explicit(&gil->locked._value, memory_order_relaxed) > 0;
#endif
}

static void look(void)
{
    uint64_t held = is_held(probe.gil);
    atomic_store_explicit(&probe.switches_total, __atomic_load_n(&probe.gil->switch_number, __ATOMIC_RELAXED),
                          memory_order_relaxed);
    /* In this order, and read in the other: never more looks that saw it held than looks. */
    atomic_store_explicit(&probe.looks, counter_read(&probe.looks) + 1, memory_order_release);
    atomic_store_explicit(&probe.held, counter_read(&probe.held) + held, memory_order_release);
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
            look();
    }
    uv_mutex_unlock(&probe.lock);
}

void gil_probe_start(void)
{
    probe.gil = PyInterpreterState_Main()->ceval.gil;
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

struct gil_reading gil_probe_read(void)
{
    uint64_t held = atomic_load_explicit(&probe.held, memory_order_acquire);
    uint64_t looks = atomic_load_explicit(&probe.looks, memory_order_acquire);
    if (looks == 0)
        return (struct gil_reading){.known = false};
    return (struct gil_reading){
        .known = true,
        .switches_total = counter_read(&probe.switches_total),
        .looks = looks,
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

struct gil_reading gil_probe_read(void)
{
    return (struct gil_reading){.known = false};
}

#endif
