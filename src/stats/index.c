#include "stats/index.h"

#include <jansson.h>
#include <string.h>

#include "stats/json_build.h"
#include "version.h"

static json_t *param_json(const struct param *param)
{
    if (!param->choices[0])
        return json_pack("{s:I, s:I, s:I}", "min", (json_int_t)param->min, "max", (json_int_t)param->max, "default",
                         (json_int_t)param->fallback);
    json_t *choices = json_array();
    for (const char *const *choice = param->choices; *choice; choice++)
        json_append(&choices, json_string(*choice));
    return json_pack("{s:o, s:s}", "one_of", choices, "default", param->choices[param->fallback]);
}

static json_t *workload_json(const struct workload *workload)
{
    json_t *params = json_object();
    for (const struct param *param = workload->params; param->name; param++)
        json_add(&params, param->name, param_json(param));
    return json_pack("{s:s, s:o}", "method",
                     workload->is_mount     ? "any"
                     : workload->takes_body ? "POST"
                                            : "GET",
                     "parameters", params);
}

void index_render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    const struct site *site = context;
    json_t *models = json_object(), *workloads = json_object(), *pages = json_object();
    for (unsigned i = 0; i < site->models->count; i++)
        json_add(&models, site->models->list[i].ops->name, json_string(site->models->list[i].ops->summary));
    for (unsigned i = 0; i < site->workloads->count; i++)
        json_add(&workloads, site->workloads->list[i]->name, workload_json(site->workloads->list[i]));
    for (unsigned i = 0; i < site->page_count; i++)
        json_add(&pages, site->pages[i].path, json_string(site->pages[i].summary));
    const char *paths = site->models->count == 1 ? "/WORKLOAD or /MODEL/WORKLOAD" : "/MODEL/WORKLOAD";
    json_t *document = json_pack("{s:s, s:s, s:o, s:o, s:o}", "tandem", TANDEM_VERSION, "paths", paths, "models",
                                 models, "workloads", workloads, "pages", pages);
    char *text = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
    json_decref(document);
    if (text)
        reply_take(reply, 200, TYPE_JSON, text, strlen(text));
    else
        reply_error(reply, 500, REFUSED_NOT, "out of memory");
}
