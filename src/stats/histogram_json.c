#include "stats/histogram_json.h"

#include "base/clock.h"

json_t *histogram_json(const struct histogram_sum *sum)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};
    uint64_t at[4];
    histogram_sum_quantiles_ns(sum, shares, 4, at);
    return json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "count", (json_int_t)sum->count, "sum",
                     clock_seconds(sum->sum_ns), "min", clock_seconds(sum->min_ns), "p50", clock_seconds(at[0]), "p90",
                     clock_seconds(at[1]), "p99", clock_seconds(at[2]), "p999", clock_seconds(at[3]), "max",
                     clock_seconds(sum->max_ns));
}
