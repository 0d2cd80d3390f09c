#include "stats/histogram_json.h"

#include "base/clock.h"

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

json_t *histogram_json(const struct histogram_sum *sum)
{
    return json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "count", (json_int_t)sum->count, "sum",
                     seconds(sum->sum_ns), "min", seconds(sum->min_ns), "p50", seconds(histogram_quantile_ns(sum, 0.5)),
                     "p90", seconds(histogram_quantile_ns(sum, 0.9)), "p99", seconds(histogram_quantile_ns(sum, 0.99)),
                     "p999", seconds(histogram_quantile_ns(sum, 0.999)), "max", seconds(sum->max_ns));
}
