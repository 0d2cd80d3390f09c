#include "http/routing/router.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/percent.h"
#include "http/routing/query.h"

enum { PATH_MAX_BYTES = 256, VALUE_MAX_BYTES = 80 };

/* what: such as "no path /x". */
static void not_found(const struct routes *routes, struct request *request, const char *what)
{
    if (routes->pages_prefix)
        reply_error(&request->reply, 404, REFUSED_NOT, "%s; %s/ lists them", what, routes->pages_prefix);
    else
        reply_error(&request->reply, 404, REFUSED_NOT, "%s", what);
}

static bool is_get_or_head(const struct request *request)
{
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

/* True if the method is allowed; else writes a 405. */
static bool check_method(struct request *request, bool takes_post)
{
    if (takes_post ? strcmp(request->method, "POST") == 0 : is_get_or_head(request))
        return true;
    const char *allowed = takes_post ? "POST" : "GET, HEAD";
    reply_error(&request->reply, 405, REFUSED_NOT, "%s is not served here; allowed: %s", request->method, allowed);
    reply_add_field(&request->reply, "Allow", allowed);
    return false;
}

/* problem: ends with "must be". */
static void bad_parameter(struct request *request, const struct param *param, const char *problem)
{
    if (!param->choices[0]) {
        reply_error(&request->reply, 400, REFUSED_NOT, "%s %s a whole number from %" PRId64 " to %" PRId64, param->name,
                    problem, param->min, param->max);
        return;
    }
    char words[128] = "";
    size_t length = 0;
    for (const char *const *choice = param->choices; *choice && length < sizeof words; choice++)
        length += (size_t)snprintf(words + length, sizeof words - length, "%s%s", length ? ", " : "", *choice);
    reply_error(&request->reply, 400, REFUSED_NOT, "%s %s one of %s", param->name, problem, words);
}

/* Parses a decimal number of at most 18 digits, which an int64_t can hold. */
static bool parse_number(const char *text, int64_t *out)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits])
        return false;
    *out = 0;
    for (; *text; text++)
        *out = *out * 10 + (*text - '0');
    return true;
}

static bool parse_choice(const struct param *param, const char *text, int64_t *out)
{
    for (*out = 0; param->choices[*out]; ++*out)
        if (strcmp(param->choices[*out], text) == 0)
            return true;
    return false;
}

/* Reads a parameter of a workload. True if its value is valid, or the query has none; else writes a 400. */
static bool route_param(struct request *request, const struct param *param, const char *query, int64_t *out)
{
    char value[VALUE_MAX_BYTES];
    switch (query_find(query, param->name, value, sizeof value)) {
    case QUERY_ABSENT:
        *out = param->fallback;
        return true;
    case QUERY_TWICE:
        bad_parameter(request, param, "is given twice; it must be");
        return false;
    case QUERY_BROKEN:
        bad_parameter(request, param, "cannot be read; it must be");
        return false;
    default:
        break;
    }
    bool right = param->choices[0] ? parse_choice(param, value, out)
                                   : parse_number(value, out) && *out >= param->min && *out <= param->max;
    if (!right)
        bad_parameter(request, param, "must be");
    return right;
}

static void give_to(struct request *request, struct model *model, const struct routes *routes, unsigned index)
{
    request->model = model;
    request->workload = routes->workloads->list[index];
    request->workload_index = index;
}

void router_check_model(struct request *request)
{
    const struct model *model = request->model;
    const char *reason = model->ops->refuses ? model->ops->refuses(model, request) : NULL;
    if (reason)
        reply_error(&request->reply, 501, REFUSED_UNSUPPORTED, "%s cannot run %s: %s", model->ops->name,
                    request->workload->name, reason);
}

static void no_workload(const struct routes *routes, struct request *request, const char *name)
{
    for (const struct absent_mount *mount = routes->absent_mounts; mount->name; mount++) {
        size_t length = strlen(mount->name);
        if (strncmp(name, mount->name, length) == 0 && strchr("/", name[length])) {
            reply_error(&request->reply, 404, REFUSED_NOT, "nothing is mounted here: %s", mount->how);
            return;
        }
    }
    char what[PATH_MAX_BYTES + 32];
    (void)format_text(what, sizeof what, "no workload %s", name);
    not_found(routes, request, what);
}

static void route_workload(const struct routes *routes, struct request *request, struct model *model, const char *name,
                           const char *query)
{
    for (unsigned i = 0; i < routes->workloads->count; i++) {
        const struct workload *workload = routes->workloads->list[i];
        if (workload->is_mount || strcmp(workload->name, name) != 0)
            continue;
        give_to(request, model, routes, i);
        if (!check_method(request, workload->takes_body))
            return;
        for (unsigned p = 0; workload->params[p].name; p++)
            if (!route_param(request, &workload->params[p], query, &request->params[p]))
                return;
        router_check_model(request);
        return;
    }
    no_workload(routes, request, name);
}

/* Moves *at past "/NAME" if that is the next segment of the path as sent. */
static bool skip_segment(const char **at, const char *name)
{
    size_t length = strlen(name);
    if (**at != '/' || strncmp(*at + 1, name, length) != 0 || !strchr("/?", (*at)[1 + length]))
        return false;
    *at += 1 + length;
    return true;
}

static void give_mount(const struct routes *routes, struct request *request, struct model *model,
                       const struct workload *mount, size_t mount_bytes)
{
    unsigned index = 0;
    while (routes->workloads->list[index] != mount)
        index++;
    request->mount_bytes = mount_bytes;
    give_to(request, model, routes, index);
    router_check_model(request);
}

/* Routes /MODEL/MOUNT/…, and /MOUNT/… if only one model runs. False: the path is neither. */
static bool route_mount(const struct routes *routes, struct request *request)
{
    struct model *model = routes->models->count == 1 ? &routes->models->list[0] : NULL;
    const char *at = request->target;
    for (unsigned i = 0; i < routes->models->count; i++)
        if (skip_segment(&at, routes->models->list[i].ops->name)) {
            model = &routes->models->list[i];
            break;
        }
    for (unsigned i = 0; model && i < routes->workloads->count; i++) {
        const struct workload *workload = routes->workloads->list[i];
        if (!workload->is_mount || !skip_segment(&at, workload->name))
            continue;
        give_mount(routes, request, model, workload, (size_t)(at - request->target));
        return true;
    }
    return false;
}

/* Returns the name at the end of the path if the page takes one, else "". NULL: the path is not this page's. */
static const char *match_page(const struct page *page, const char *path)
{
    if (!page->takes_name)
        return strcmp(page->path, path) == 0 ? "" : NULL;
    size_t before_name = (size_t)(strrchr(page->path, '/') + 1 - page->path);
    return strncmp(page->path, path, before_name) == 0 ? path + before_name : NULL;
}

/* Reads a parameter of a page. True if its value can be read, or the query has none (*out: NULL); else writes a 400. */
static bool read_page_param(struct request *request, const char *name, const char *query, char value[VALUE_MAX_BYTES],
                            const char **out)
{
    switch (query_find(query, name, value, VALUE_MAX_BYTES)) {
    case QUERY_FOUND:
        *out = value;
        return true;
    case QUERY_TWICE:
        reply_error(&request->reply, 400, REFUSED_NOT, "%s is given twice", name);
        return false;
    case QUERY_BROKEN:
        reply_error(&request->reply, 400, REFUSED_NOT, "%s cannot be read: it is percent-encoded, of at most %d bytes",
                    name, VALUE_MAX_BYTES - 1);
        return false;
    default:
        *out = NULL;
        return true;
    }
}

static void call_page(const struct page *page, struct request *request, const char *name, const char *query)
{
    char values[PAGE_PARAMS_MAX][VALUE_MAX_BYTES];
    struct page_call call = {.name = name};
    if (!check_method(request, page->takes_post))
        return;
    for (unsigned i = 0; i < PAGE_PARAMS_MAX && page->params[i]; i++)
        if (!read_page_param(request, page->params[i], query, values[i], &call.params[i]))
            return;
    page->render(page->context, &call, &request->reply);
}

/* Returns the path of a page, which begins after the prefix of the pages; NULL if the path is not below that. */
static const char *below_pages(const struct routes *routes, const char *path)
{
    size_t length = routes->pages_prefix ? strlen(routes->pages_prefix) : 0;
    if (!routes->pages_prefix || strncmp(path, routes->pages_prefix, length) != 0)
        return NULL;
    return path[length] ? path + length : "/";
}

static bool route_page(const struct routes *routes, struct request *request, const char *path, const char *query)
{
    const char *below = below_pages(routes, path);
    for (const struct page *page = routes->pages; below && page->path; page++) {
        const char *name = match_page(page, below);
        if (!name || (routes->root && strcmp(path, "/") == 0))
            continue; /* a mount that has the root has this path, too */
        call_page(page, request, name, query);
        return true;
    }
    return false;
}

/* Routes by the decoded path: pages, and workloads that take parameters. False: nothing has this path. path is set to
 * the decoded path, or to "" if that is longer than any known path. */
static bool route_path(const struct routes *routes, struct request *request, char path[PATH_MAX_BYTES])
{
    const char *query = request_query(request);
    if (!percent_decode(request->target, request_path_bytes(request), false, path, PATH_MAX_BYTES)) {
        path[0] = '\0';
        return false;
    }
    if (route_page(routes, request, path, query))
        return true;
    char *name = path[0] == '/' ? strchr(path + 1, '/') : NULL;
    if (!name) {
        if (routes->models->count != 1 || path[0] != '/' || routes->root)
            return false;
        route_workload(routes, request, &routes->models->list[0], path + 1, query);
        return true;
    }
    for (unsigned i = 0; i < routes->models->count; i++) {
        struct model *model = &routes->models->list[i];
        if (strncmp(path + 1, model->ops->name, (size_t)(name - path - 1)) != 0 ||
            model->ops->name[name - path - 1] != '\0')
            continue;
        route_workload(routes, request, model, name + 1, query);
        return true;
    }
    return false;
}

/* path: as from route_path. */
static void no_route(const struct routes *routes, struct request *request, char path[PATH_MAX_BYTES])
{
    char what[PATH_MAX_BYTES + 32] = "no such path", *slash = path[0] == '/' ? strchr(path + 1, '/') : NULL;
    if (slash) {
        *slash = '\0';
        (void)format_text(what, sizeof what, "no model %s runs here", path + 1);
    } else if (path[0]) {
        (void)format_text(what, sizeof what, "no path %s", path);
    }
    not_found(routes, request, what);
}

void router_route(const struct routes *routes, struct request *request)
{
    char path[PATH_MAX_BYTES];
    if (route_mount(routes, request) || route_path(routes, request, path))
        return;
    if (routes->root && request->target[0] == '/')
        give_mount(routes, request, &routes->models->list[0], routes->root, 0);
    else
        no_route(routes, request, path);
}
