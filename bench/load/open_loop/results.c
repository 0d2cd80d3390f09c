#include "results.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/histogram_sum.h"

static const double curve[] = {0,   0.1,  0.2,  0.3,   0.4,   0.5,    0.6,    0.7, 0.8,
                               0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1.0};

enum { CURVE_POINTS = sizeof curve / sizeof curve[0] };

static struct histogram_sum sum_of(const struct histogram *histogram)
{
    struct histogram_sum sum = {0};
    if (histogram_sum_read(&sum, histogram) != ERR_OK) {
        fputs("open_loop: out of memory\n", stderr);
        exit(1);
    }
    return sum;
}

static double us(uint64_t ns)
{
    return (double)ns / 1000;
}

static void print_latency(const char *name, const struct histogram *histogram)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};
    uint64_t at[4];
    struct histogram_sum sum = sum_of(histogram);
    histogram_sum_quantiles_ns(&sum, shares, 4, at);
    double mean = sum.count > 0 ? us(sum.sum_ns) / (double)sum.count : 0;
    printf(",\"%s\":{\"mean\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}", name, mean,
           us(at[0]), us(at[1]), us(at[2]), us(at[3]), us(sum.max_ns));
    histogram_sum_free(&sum);
}

static void print_curve(const struct histogram *histogram)
{
    uint64_t at[CURVE_POINTS];
    struct histogram_sum sum = sum_of(histogram);
    histogram_sum_quantiles_ns(&sum, curve, CURVE_POINTS, at);
    at[0] = sum.min_ns;
    at[CURVE_POINTS - 1] = sum.max_ns;
    for (unsigned i = 0; i < CURVE_POINTS; i++)
        printf("%s[%g,%.1f]", i == 0 ? ",\"percentiles\":[" : ",", curve[i] * 100, us(at[i]));
    putchar(']');
    histogram_sum_free(&sum);
}

static void print_lateness(const struct histogram *histogram)
{
    static const double shares[] = {0.5, 0.99};
    uint64_t at[2];
    struct histogram_sum sum = sum_of(histogram);
    histogram_sum_quantiles_ns(&sum, shares, 2, at);
    printf(",\"lateness_us\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f}", us(at[0]), us(at[1]), us(sum.max_ns));
    histogram_sum_free(&sum);
}

/* Events per second between the first of them and the last: a latency that all have alike does not lower it. */
static double rate_between(uint64_t events, uint64_t first_ns, uint64_t last_ns)
{
    return events > 1 && last_ns > first_ns ? (double)(events - 1) * 1e9 / (double)(last_ns - first_ns) : 0;
}

void results_print(const struct results *results, const struct options *options)
{
    printf("JSON {\"requests\":%" PRIu64 ",\"duration_us\":%.0f", results->completed, us(results->duration_ns));
    printf(",\"rate\":%g,\"arrivals\":\"%s\",\"seed\":%" PRIu64, options->rate,
           options->arrivals == ARRIVALS_POISSON ? "poisson" : "constant", options->seed);
    printf(",\"intended\":%" PRIu64 ",\"sent\":%" PRIu64 ",\"completed\":%" PRIu64 ",\"unanswered\":%" PRIu64,
           results->intended, results->sent, results->completed, results->unanswered);
    printf(",\"waited\":%" PRIu64 ",\"reopened\":%" PRIu64, results->waited, results->reopened);
    printf(",\"errors\":{\"connect\":%" PRIu64 ",\"read\":%" PRIu64 ",\"write\":%" PRIu64 ",\"status\":%" PRIu64
           ",\"timeout\":%" PRIu64 "}",
           results->errors.connect, results->errors.read, results->errors.write, results->errors.status,
           results->errors.timeout);
    printf(",\"offered_per_second\":%.1f,\"achieved_per_second\":%.1f",
           rate_between(results->intended, results->first_intended_ns, results->last_intended_ns),
           rate_between(results->completed, results->first_completed_ns, results->last_completed_ns));
    print_latency("latency_us", &results->latency);
    print_latency("latency_from_send_us", &results->latency_from_send);
    print_curve(&results->latency);
    print_lateness(&results->lateness);
    puts("}");
}
