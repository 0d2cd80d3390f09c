#include "core/model.h"

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
