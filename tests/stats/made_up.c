#include "stats/made_up.h"

#include "assertions.h"
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct made_up made_up;

static const struct model_ops first = {.name = "first", .summary = "the one"};
static const struct model_ops second = {.name = "second", .summary = "the other"};

static const struct workload plain = {.name = "plain"};
static const struct workload number = {.name = "number", .params = {{.name = "n", .min = 2, .max = 9, .fallback = 5}}};
static const struct workload choice = {
    .name = "choice", .takes_body = true, .params = {{.name = "size", .fallback = 1, .choices = {"s", "l"}}}};
static const struct workload *const list[] = {&plain, &number, &choice};
static const struct workloads all = {list, 3};

void made_up_open(void)
{
    struct made_up *m = &made_up;
    memset(m, 0, sizeof *m);
    m->config = (struct config){.mode = "compare:first,second", .queue_limit = 77, .stats_stream_ns = 100 * NS_PER_MS};
    for (unsigned i = 0; i < MADE_UP_LOOPS; i++)
        ck_assert_int_eq(loop_new(i, &m->loops[i]), ERR_OK);
    m->models.count = MADE_UP_MODELS;
    for (unsigned i = 0; i < MADE_UP_MODELS; i++) {
        struct model *model = &m->models.list[i];
        model->ops = i ? &second : &first;
        model->index = i;
        model->threads = i ? 0 : 3;
        model->config = &m->config;
        model->workloads = &all;
        model->loops = m->loops;
        model->loop_count = MADE_UP_LOOPS;
    }
    marks_init(&m->marks);
    m->routes = (struct routes){.config = &m->config, .models = &m->models, .workloads = &all};
    m->source = (struct stats_source){.routes = &m->routes,
                                      .loops = m->loops,
                                      .loop_count = MADE_UP_LOOPS,
                                      .libmicrohttpd_version = "1.2.3",
                                      .started_at = 1700000000.25,
                                      .marks = &m->marks,
                                      .startup_ns = 1500000};
}

void made_up_close(void)
{
    marks_free(&made_up.marks);
    for (unsigned i = 0; i < MADE_UP_LOOPS; i++)
        loop_free(made_up.loops[i]);
}

struct gil_stats made_up_gils[3] = {
    {.interpreter = 0,
     .waits_known = true,
     .wait_ns = 1500000000,
     .waits = 7,
     .holder_known = true,
     .switches = 9,
     .samples = 16,
     .held = 10},
    {.interpreter = 1, .waits_known = true, .wait_ns = 500000000, .waits = 4, .switches = 9, .samples = 2, .held = 1},
    {.interpreter = 2, .wait_ns = 8, .waits = 8, .holder_known = true, .switches = 6, .samples = 3, .held = 3},
};

unsigned made_up_read_gils(struct gil_stats *out, unsigned max)
{
    ck_assert_uint_ge(max, 3);
    memcpy(out, made_up_gils, sizeof made_up_gils);
    return 3;
}

struct series *made_up_series(unsigned loop, unsigned model, unsigned workload)
{
    struct series *series = loop_stats_series(&made_up.loops[loop]->stats, model, workload);
    ck_assert_ptr_nonnull(series);
    return series;
}

void stay_on_one_core(cpu_set_t *before)
{
    cpu_set_t one;
    size_t core = 0;
    ck_assert_int_eq(sched_getaffinity(0, sizeof *before, before), 0);
    while (!CPU_ISSET(core, before))
        core++;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
}

json_t *value_at(json_t *document, const char *path)
{
    json_t *value = document;
    for (const char *name = path; *name; name += *name == '.') {
        char key[64];
        size_t length = strcspn(name, ".");
        ck_assert_uint_lt(length, sizeof key);
        memcpy(key, name, length);
        key[length] = '\0';
        value = json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10)) : json_object_get(value, key);
        ck_assert_msg(value != NULL, "there is no %s", path);
        name += length;
    }
    return value;
}

void expect_keys(const json_t *object, const char *keys)
{
    unsigned count = 0;
    ck_assert(json_is_object(object));
    for (const char *name = keys; *name; count++) {
        size_t length = strcspn(name, " ");
        char key[64];
        memcpy(key, name, length);
        key[length] = '\0';
        ck_assert_msg(json_object_get(object, key) != NULL, "%s is missing", key);
        name += length + strspn(name + length, " ");
    }
    ck_assert_uint_eq(json_object_size(object), count);
}

void expect_integer(json_t *document, const char *path, json_int_t expected)
{
    json_t *value = value_at(document, path);
    ck_assert_msg(json_is_integer(value) && json_integer_value(value) == expected, "%s is %lld, not %lld", path,
                  json_integer_value(value), expected);
}

void expect_real(json_t *document, const char *path, double low, double high)
{
    json_t *value = value_at(document, path);
    double got = json_real_value(value);
    ck_assert_msg(json_is_real(value) && got >= low && got <= high, "%s is %.17g, not in %.17g … %.17g", path, got, low,
                  high);
}

static unsigned granted;
static bool ran_out;

static void *allocate(size_t bytes)
{
    if (granted-- > 0 || ran_out)
        return malloc(bytes);
    ran_out = true;
    return NULL;
}

/* Returns the name of something in whole that part lacks, or NULL if it lacks nothing. */
static const char *missing(json_t *part, json_t *whole)
{
    const char *key;
    json_t *value, *lacks;
    if (json_array_size(part) != json_array_size(whole))
        return "an element of an array";
    json_object_foreach(whole, key, value)
    {
        lacks = json_object_get(part, key);
        if (!lacks)
            return key;
        const char *inside = missing(lacks, value);
        if (inside)
            return inside;
    }
    for (size_t i = 0; i < json_array_size(whole); i++) {
        const char *inside = missing(json_array_get(part, i), json_array_get(whole, i));
        if (inside)
            return inside;
    }
    return NULL;
}

void expect_null_or_all_where_memory_runs_out(json_t *(*make)(void))
{
    json_t *whole = make();
    ck_assert_ptr_nonnull(whole);
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    json_get_alloc_funcs(&usual_malloc, &usual_free);
    ran_out = true;
    for (unsigned allowed = 0; ran_out; allowed++) {
        granted = allowed;
        ran_out = false;
        json_set_alloc_funcs(allocate, free);
        json_t *made = make();
        json_set_alloc_funcs(usual_malloc, usual_free);
        const char *lacks = made ? missing(made, whole) : NULL;
        ck_assert_msg(!lacks, "allocation %u failed, and what was made lacks %s", allowed + 1, lacks);
        ck_assert(made || ran_out);
        json_decref(made);
    }
    json_decref(whole);
}
