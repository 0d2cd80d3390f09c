#include "stats/bottleneck_json.h"

#include <math.h>

#include "base/format.h"
#include "stats/json_build.h"

enum { SENTENCE_MAX = 320 };

static double percent(double ratio)
{
    return isnan(ratio) ? 0 : 100 * ratio;
}

static void say_gil(const struct bottleneck_figures *f, char *out)
{
    double waited = percent(f->phases[PHASE_GIL]);
    if (isnan(f->gil_held))
        format_text(out, SENTENCE_MAX, "%.0f %% of the requests' time was spent waiting for the GIL", waited);
    else
        format_text(
            out, SENTENCE_MAX,
            "the GIL was found held %.0f %% of the time, and %.0f %% of the requests' time was spent waiting for it",
            percent(f->gil_held), waited);
}

static void say_client(const struct bottleneck_figures *f, char *out)
{
    if (bottleneck_idle(f))
        format_text(out, SENTENCE_MAX, "nothing was asked for in %.1f s", f->window_seconds);
    else
        format_text(
            out, SENTENCE_MAX,
            "nothing is used up (the CPU to %.0f %%, the busiest loop to %.0f %%), and on average %.2f requests were "
            "in flight: the clients ask for no more",
            percent(f->cpu), percent(f->loop), f->in_flight);
}

static const char *cores(const struct bottleneck_figures *f, char text[32])
{
    format_text(text, 32, "%.0f core%s", f->cores, f->cores > 1 ? "s" : "");
    return text;
}

static void say(enum bottleneck verdict, const struct bottleneck_figures *f, const struct model *model, char *out)
{
    char text[32];
    switch (verdict) {
    case BOTTLENECK_CPU:
        format_text(
            out, SENTENCE_MAX,
            "of the time of %s, the process used %.0f %%, and its threads were ready to run for another %.0f %%",
            cores(f, text), percent(f->cpu), percent(f->cpu_wait));
        break;
    case BOTTLENECK_GIL:
        say_gil(f, out);
        break;
    case BOTTLENECK_LOOP:
        format_text(out, SENTENCE_MAX, "a loop was busy %.0f %% of the time, while %.0f %% of the time of %s was used",
                    percent(f->loop), percent(f->cpu), cores(f, text));
        break;
    case BOTTLENECK_POOL:
        format_text(out, SENTENCE_MAX,
                    "the %u threads were busy %.0f %% of the time, and on average %.1f requests waited for one",
                    model->threads, percent(f->pool), f->waiting);
        break;
    case BOTTLENECK_SLEEP:
        format_text(
            out, SENTENCE_MAX,
            "%.0f %% of the requests' time was spent in handlers, and at least %.0f %% of that on no CPU: they wait "
            "for something outside",
            percent(f->phases[PHASE_HANDLER]), percent(f->off_cpu));
        break;
    default:
        say_client(f, out);
    }
}

static json_t *figure(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *phases_json(const struct bottleneck_figures *f)
{
    json_t *object = json_object();
    for (unsigned phase = 0; phase < PHASE_TOTAL; phase++)
        json_add(&object, phase_names[phase], figure(f->phases[phase]));
    return object;
}

static json_t *figures_json(const struct bottleneck_figures *f)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:i, s:i, s:f, s:f, s:f, s:o, s:o, s:f, s:o}", "window_seconds",
                     f->window_seconds, "requests_per_second", f->requests_per_second, "in_flight", f->in_flight,
                     "waiting", f->waiting, "in_flight_now", (int)f->in_flight_now, "cores", (int)f->cores, "cpu_ratio",
                     f->cpu, "cpu_wait_ratio", f->cpu_wait, "loop_ratio", f->loop, "gil_held_ratio",
                     figure(f->gil_held), "pool_ratio", figure(f->pool), "off_cpu_ratio", f->off_cpu, "phase_ratios",
                     phases_json(f));
}

json_t *bottleneck_json(const struct totals *window, const struct model *model)
{
    struct bottleneck_figures figures = bottleneck_figures(window, model);
    enum bottleneck verdict = bottleneck_verdict(&figures, model->ops);
    char because[SENTENCE_MAX];
    say(verdict, &figures, model, because);
    return json_pack("{s:s, s:s, s:o}", "verdict", bottleneck_names[verdict], "because", because, "figures",
                     figures_json(&figures));
}
