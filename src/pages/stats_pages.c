#include "pages/stats_pages.h"

#include <string.h>

#include "stats/document.h"
#include "stats/marks.h"
#include "stats/metrics.h"

static void out_of_memory(struct reply *reply)
{
    reply_error(reply, 500, REFUSED_NOT, "out of memory");
}

static void take_json(struct reply *reply, unsigned status, json_t *document)
{
    char *text = stats_document_text(document);
    if (text)
        reply_take(reply, status, TYPE_JSON, text, strlen(text));
    else
        out_of_memory(reply);
}

static void no_such_mark(struct marks *marks, const char *name, struct reply *reply)
{
    char names[280];
    marks_names(marks, names, sizeof names);
    reply_error(reply, 404, REFUSED_NOT, "no mark %s; %s%s", name,
                names[0] ? "there are, newest first: " : "none is set; POST /stats/marks/NAME sets one", names);
}

static void render_since(const struct stats_source *source, const char *name, struct reply *reply)
{
    struct snapshot *earlier = marks_find(source->marks, name);
    if (!earlier) {
        no_such_mark(source->marks, name, reply);
        return;
    }
    take_json(reply, 200, stats_document_since(source, name, earlier));
    snapshot_release(earlier);
}

void stats_render(void *context, const struct page_call *call, struct reply *reply)
{
    const struct stats_source *source = context;
    const char *since = call->params[0], *format = call->params[1] ? call->params[1] : "json";
    bool prometheus = strcmp(format, "prometheus") == 0;
    if (!prometheus && strcmp(format, "json") != 0)
        reply_error(reply, 400, REFUSED_NOT, "format must be one of json, prometheus");
    else if (prometheus && since)
        reply_error(reply, 400, REFUSED_NOT,
                    "since goes with format=json only: Prometheus's counters are those since the server began");
    else if (prometheus)
        metrics_render(context, call, reply);
    else if (since)
        render_since(source, since, reply);
    else
        take_json(reply, 200, stats_document(source));
}

void metrics_render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    size_t length;
    char *text = metrics_text(context, &length);
    if (text)
        reply_take(reply, 200, TYPE_METRICS, text, length);
    else
        out_of_memory(reply);
}

void mark_render(void *context, const struct page_call *call, struct reply *reply)
{
    const struct stats_source *source = context;
    if (!mark_name_valid(call->name)) {
        reply_error(reply, 400, REFUSED_NOT, "'%s' is no name for a mark: it is " MARK_NAME_RULE, call->name);
        return;
    }
    struct snapshot *snapshot = snapshot_take(source);
    if (!snapshot) {
        out_of_memory(reply);
        return;
    }
    double at = snapshot->at;
    bool replaced = marks_set(source->marks, call->name, snapshot);
    take_json(reply, replaced ? 200 : 201, json_pack("{s:s, s:f}", "name", call->name, "time", at));
}
