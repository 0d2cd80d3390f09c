#include "stats/exposition.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/format.h"

static const struct {
    const char *le;
    uint64_t ns;
} edges[] = {
    {"5e-05", 50 * NS_PER_US},   {"0.0001", 100 * NS_PER_US}, {"0.00025", 250 * NS_PER_US},
    {"0.0005", 500 * NS_PER_US}, {"0.001", NS_PER_MS},        {"0.0025", 2500 * NS_PER_US},
    {"0.005", 5 * NS_PER_MS},    {"0.01", 10 * NS_PER_MS},    {"0.025", 25 * NS_PER_MS},
    {"0.05", 50 * NS_PER_MS},    {"0.1", 100 * NS_PER_MS},    {"0.25", 250 * NS_PER_MS},
    {"0.5", 500 * NS_PER_MS},    {"1.0", NS_PER_S},           {"2.5", 2500 * NS_PER_MS},
    {"5.0", 5 * NS_PER_S},       {"10.0", 10 * NS_PER_S},     {"30.0", 30 * NS_PER_S},
    {"60.0", 60 * NS_PER_S},
};

enum { EDGES = sizeof edges / sizeof edges[0], DIGITS_MAX = 32 };

static void put(struct exposition *out, const char *bytes, size_t length)
{
    if (!out->failed && buf_append(&out->text, bytes, length) != ERR_OK)
        out->failed = true;
}

static void put_text(struct exposition *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_integer(struct exposition *out, uint64_t value)
{
    char digits[DIGITS_MAX];
    size_t at = DIGITS_MAX;
    do
        digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    put(out, digits + at, DIGITS_MAX - at);
}

static void put_seconds(struct exposition *out, uint64_t ns)
{
    char digits[DIGITS_MAX];
    int length = snprintf(digits, sizeof digits, "%llu.%09llu", (unsigned long long)ns / NS_PER_S, ns % NS_PER_S);
    put(out, digits, (size_t)length);
}

/* Writes the family's name, the suffix, {labels} and the space before the value. */
static void put_sample(struct exposition *out, const char *suffix, const char *labels)
{
    put_text(out, out->family);
    put_text(out, suffix);
    if (*labels) {
        put_text(out, "{");
        put_text(out, labels);
        put_text(out, "}");
    }
    put_text(out, " ");
}

void exposition_family(struct exposition *out, const char *name, const char *type, const char *help)
{
    out->family = name;
    const char *const pieces[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"};
    for (unsigned i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        put_text(out, pieces[i]);
}

void exposition_integer(struct exposition *out, const char *labels, uint64_t value)
{
    put_sample(out, "", labels);
    put_integer(out, value);
    put_text(out, "\n");
}

void exposition_seconds(struct exposition *out, const char *labels, uint64_t ns)
{
    put_sample(out, "", labels);
    put_seconds(out, ns);
    put_text(out, "\n");
}

void exposition_real(struct exposition *out, const char *labels, double value)
{
    char digits[DIGITS_MAX];
    int length = format_text(digits, sizeof digits, "%.13g\n", value);
    put_sample(out, "", labels);
    put(out, digits, (size_t)length);
}

static void put_bucket(struct exposition *out, const char *labels, const char *le, uint64_t count)
{
    const char *const pieces[] = {out->family, "_bucket{", labels, *labels ? ",le=\"" : "le=\"", le, "\"} "};
    for (unsigned i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        put_text(out, pieces[i]);
    put_integer(out, count);
    put_text(out, "\n");
}

void exposition_histogram(struct exposition *out, const char *labels, const struct histogram_sum *sum)
{
    uint64_t edges_ns[EDGES], counts[EDGES];
    for (unsigned i = 0; i < EDGES; i++)
        edges_ns[i] = edges[i].ns;
    histogram_sum_at_most(sum, edges_ns, EDGES, counts);
    for (unsigned i = 0; i < EDGES; i++)
        put_bucket(out, labels, edges[i].le, counts[i]);
    put_bucket(out, labels, "+Inf", sum->count);
    put_sample(out, "_sum", labels);
    put_seconds(out, sum->sum_ns);
    put_text(out, "\n");
    put_sample(out, "_count", labels);
    put_integer(out, sum->count);
    put_text(out, "\n");
}
