-- Prints wrk's results as one line of JSON, after whatever wrk prints itself. Times are in microseconds, as wrk keeps them.
-- Loaded by every script here.
--
-- "histogram" is value, count, value, count, ...: all that wrk counted, after its correction (bench/load/uncorrected.py).
-- It is read where wrk keeps it: latency(i), wrk's own way, walks from the start for each i, and took 4.8 s for 33 649
-- values up to 0.7 s; this takes 4 ms. wrk 4.0 to 4.2 lay it out like this (stats.h); uncorrected.py notices if it is not so.
local ffi = require("ffi")
ffi.cdef("typedef struct { uint64_t count, limit, min, max; uint64_t data[]; } wrk_stats;")

local function histogram(latency)
    local stats, pairs = ffi.cast("wrk_stats **", latency)[0], {}
    if stats.min ~= latency.min or stats.max ~= latency.max then
        error("this wrk keeps its latencies in a way that is not known here")
    end
    for value = latency.min, latency.max do
        local count = tonumber(stats.data[value])
        if count > 0 then
            pairs[#pairs + 1] = string.format("%d,%d", value, count)
        end
    end
    return table.concat(pairs, ",")
end

function report(summary, latency)
    local errors, none = summary.errors, latency.max == 0
    io.write(string.format(
        'JSON {"requests":%d,"duration_us":%d,"bytes":%d,' ..
        '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d},' ..
        '"latency_us":{"mean":%.1f,"p50":%d,"p90":%d,"p99":%d,"p999":%d,"max":%d},"histogram":[%s]}\n',
        summary.requests, summary.duration, summary.bytes,
        errors.connect, errors.read, errors.write, errors.status, errors.timeout,
        latency.mean, latency:percentile(50), latency:percentile(90), latency:percentile(99),
        latency:percentile(99.9), latency.max, none and "" or histogram(latency)))
end
