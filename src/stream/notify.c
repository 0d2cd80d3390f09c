#include "stream/notify.h"

#include "base/check.h"

void notify_init(struct notify *notify)
{
    *notify = (struct notify){0};
    CHECK(uv_cond_init(&notify->called) == 0);
}

void notify_destroy(struct notify *notify)
{
    uv_cond_destroy(&notify->called);
}

void notify_and_unlock(struct notify *notify, uv_mutex_t *lock, bool due)
{
    if (!due) {
        uv_mutex_unlock(lock);
        return;
    }
    void (*on_change)(void *owner) = notify->on_change;
    void *owner = notify->owner;
    notify->waits = false;
    notify->calling = on_change;
    uv_mutex_unlock(lock);
    if (!on_change)
        return;
    on_change(owner);
    uv_mutex_lock(lock);
    notify->calling = false;
    uv_cond_signal(&notify->called);
    uv_mutex_unlock(lock);
}

void notify_end(struct notify *notify, uv_mutex_t *lock)
{
    notify->on_change = NULL;
    while (notify->calling)
        uv_cond_wait(&notify->called, lock);
}
