/* The models that tandem has: one file each, one line each in models.c. */
#ifndef TANDEM_MODELS_MODELS_H
#define TANDEM_MODELS_MODELS_H

#include <stdio.h>

#include "base/err.h"
#include "core/model.h"

extern const struct model_ops model_uv_loop;
extern const struct model_ops model_uv_pool;
extern const struct model_ops model_py_inline;
extern const struct model_ops model_py_threads;

/* What --mode says: fills the list with models that are not started, in the table's order. ERR_INVALID: err_message()
 * says what would be right. */
WARN_UNUSED enum err models_select(struct models *models, const char *mode);

/* Whether one of them runs Python. */
bool models_need_python(const struct models *models);

#endif
