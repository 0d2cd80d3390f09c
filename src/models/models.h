/* The table of tandem's models: a file and a line for each, in the order in which they are listed. */
#ifndef TANDEM_MODELS_MODELS_H
#define TANDEM_MODELS_MODELS_H

#include <stdio.h>

#include "base/err.h"
#include "core/model.h"

#define MODELS(X)                                                                                                      \
    X(uv_loop)                                                                                                         \
    X(uv_pool)                                                                                                         \
    X(py_inline)                                                                                                       \
    X(py_threads)                                                                                                      \
    X(py_asyncio)                                                                                                      \
    X(py_subinterp)

#define DECLARE_MODEL(name) extern const struct model_ops model_##name;
MODELS(DECLARE_MODEL)

/* Fills the list with the models that --mode names, not yet started, in the table's order. ERR_INVALID: err_message()
 * says what would be right. */
WARN_UNUSED enum err models_select(struct models *models, const char *mode);

/* Writes a line for each model: its name, and where it runs. */
void models_help(FILE *out);

/* ANY thread. Returns the entry at index, counted from 0, of this binary's table, whatever --mode says; NULL after the
 * last. */
const struct model_ops *models_known(unsigned index);

/* True if one of the models runs Python. */
bool models_need_python(const struct models *models);

#endif
