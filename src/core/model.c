#include "core/model.h"

#include "core/loop.h"

static void stop_first(struct models *models, unsigned count)
{
    while (count--)
        models->list[count].ops->stop(&models->list[count]);
}

enum err models_start(struct models *models)
{
    for (unsigned i = 0; i < models->count; i++) {
        enum err err = models->list[i].ops->start(&models->list[i]);
        if (err) {
            stop_first(models, i);
            return err;
        }
    }
    return ERR_OK;
}

void models_stop(struct models *models)
{
    stop_first(models, models->count);
}

unsigned model_waiting(const struct model *model)
{
    unsigned waiting = atomic_load_explicit(&model->queue_length, memory_order_relaxed);
    for (unsigned l = 0; l < model->loop_count; l++)
        waiting += atomic_load_explicit(&model->loops[l]->stats.waiting[model->index], memory_order_relaxed);
    return waiting;
}
