#include "pages/index.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "pages/workload_json.h"
#include "stats/json_build.h"
#include "version.h"

void index_render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    const struct routes *routes = context;
    json_t *models = json_object(), *workloads = json_object(), *pages = json_object();
    for (unsigned i = 0; i < routes->models->count; i++)
        json_add(&models, routes->models->list[i].ops->name, json_string(routes->models->list[i].ops->summary));
    for (unsigned i = 0; i < routes->workloads->count; i++)
        json_add(&workloads, routes->workloads->list[i]->name, workload_json_new(routes->workloads->list[i]));
    for (const struct page *page = routes->pages; page->path; page++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s%s", routes->pages_prefix, page->path);
        json_add(&pages, path, json_string(page->summary));
    }
    const char *paths = routes->models->count == 1 ? "/WORKLOAD or /MODEL/WORKLOAD" : "/MODEL/WORKLOAD";
    json_t *document = json_pack("{s:s, s:s, s:o, s:o, s:o}", "tandem", TANDEM_VERSION, "paths", paths, "models",
                                 models, "workloads", workloads, "pages", pages);
    char *text = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
    json_decref(document);
    if (text)
        reply_take(reply, 200, TYPE_JSON, text, strlen(text));
    else
        reply_error(reply, 500, REFUSED_NOT, "out of memory");
}
