#include "server/catalog.h"

#include <jansson.h>

#include "models/models.h"
#include "pages/workload_json.h"
#include "stats/json_build.h"
#include "workloads/workloads.h"

/* Takes the document, which is NULL if memory ran out. */
static enum err print(json_t *document, FILE *out)
{
    if (!document)
        return err_fail(ERR_NOMEM, "out of memory for a list");
    int status = json_dumpf(document, out, JSON_INDENT(2));
    json_decref(document);
    if (status || fputc('\n', out) == EOF || fflush(out) == EOF)
        return err_fail(ERR_SYSTEM, "the list cannot be written");
    return ERR_OK;
}

enum err catalog_print_models(FILE *out)
{
    json_t *list = json_array();
    const struct model_ops *ops;
    for (unsigned i = 0; (ops = models_known(i)); i++)
        json_append(&list,
                    json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "name", ops->name, "summary", ops->summary, "language",
                              ops->needs_python ? "Python" : "C", "variant", ops->evented ? "evented" : "blocking",
                              "needs_python", (int)ops->needs_python, "on_loop", (int)ops->on_loop));
    return print(list, out);
}

enum err catalog_print_workloads(FILE *out)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < workloads.count; i++) {
        json_t *workload = workload_json_new(workloads.list[i]);
        json_add(&workload, "name", json_string(workloads.list[i]->name));
        json_append(&list, workload);
    }
    return print(list, out);
}
