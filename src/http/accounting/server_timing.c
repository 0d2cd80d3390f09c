#include "http/accounting/server_timing.h"

#include "base/clock.h"
#include "base/format.h"

static double milliseconds(uint64_t ns)
{
    return (double)ns / NS_PER_MS;
}

const char *server_timing_format(const struct request *request, uint64_t returned_ns, char out[SERVER_TIMING_BYTES])
{
    if (!request->started_ns)
        return NULL;
    uint64_t in_handler_ns = clock_between(request->started_ns, request->finished_ns);
    (void)format_text(out, SERVER_TIMING_BYTES, "queue;dur=%.3f, gil;dur=%.3f, handler;dur=%.3f, return;dur=%.3f",
                      milliseconds(clock_between(request->submitted_ns, request->started_ns)),
                      milliseconds(request->gil_ns), milliseconds(clock_between(request->gil_ns, in_handler_ns)),
                      milliseconds(clock_between(request->finished_ns, returned_ns)));
    return out;
}
