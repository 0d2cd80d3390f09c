#include "server/catalog.h"

#include <jansson.h>

#include "models/models.h"
#include "pages/workload_json.h"
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
    for (unsigned i = 0; (ops = models_known(i)); i++) {
        json_t *model =
            json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "name", ops->name, "summary", ops->summary, "language",
                      ops->needs_python ? "Python" : "C", "variant", ops->evented ? "evented" : "blocking",
                      "needs_python", (int)ops->needs_python, "on_loop", (int)ops->on_loop);
        if (json_array_append_new(list, model)) {
            json_decref(list);
            return print(NULL, out);
        }
    }
    return print(list, out);
}

enum err catalog_print_workloads(FILE *out)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < workloads.count; i++) {
        json_t *workload = workload_json_new(workloads.list[i]);
        if (json_object_set_new(workload, "name", json_string(workloads.list[i]->name)) ||
            json_array_append_new(list, json_incref(workload))) {
            json_decref(workload);
            json_decref(list);
            return print(NULL, out);
        }
        json_decref(workload);
    }
    return print(list, out);
}
