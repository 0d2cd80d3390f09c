#include "config/options.h"

#include "base/ascii.h"
#include "base/check.h"

#define AT(field) offsetof(struct config, field)
#define MODE_HELP                                                                                                      \
    "one model, an alias (libuv = uv-loop, python = py-threads),\n"                                                    \
    "compare (every model), or compare:MODEL,MODEL…"

const struct option options[] = {
    {"mode", TEXT, AT(mode), "compare", NULL, "MODE", MODE_HELP},
    {"host", TEXT, AT(host), "127.0.0.1", NULL, "HOST", "address or name to listen on"},
    {"port", NUMBER, AT(port), "8080", "0 65535", "PORT", "port to listen on; 0 takes a free one"},
    {"loops", NUMBER, AT(loops), "1", "1 64", "N",
     "event loops, each on a thread of its own; they share the connections"},
    {"threads", NUMBER, AT(threads), "4", "1 64", "N", "Python threads, and the size of libuv's pool"},
    {"queue-limit", NUMBER, AT(queue_limit), "1024", "1 1000000", "N",
     "requests waiting per model; the next one is answered 503"},
    {"asyncio-loop", CHOICE, AT(asyncio_loop), "auto", "auto asyncio uvloop", "LOOP",
     "py-asyncio's event loop: asyncio, uvloop, or auto: uvloop where it is installed"},
    {"gc-threshold", THREE_NUMBERS, AT(gc_threshold), "10000,10,10", "0 2147483647", "A,B,C",
     "when CPython's garbage collector runs, as for gc.set_threshold; with A = 0 it never does.\n"
     "CPython's own default is 700,10,10 in 3.12"},
    {"app", APP, AT(app), NULL, NULL, "MODULE:ATTRIBUTE", "the same as APP: a WSGI or ASGI app of your own, at /app/"},
    {"app-dir", TEXT, AT(app_dir), ".", NULL, "DIR", "where APP's module is looked for first"},
    {"reload", FLAG, AT(reload), "0", NULL, NULL,
     "start anew, on the same sockets, when a Python file below --app-dir, or the\nfile of --native, changes"},
    {"interface", CHOICE, AT(interface), "auto", "auto wsgi asgi", "INTERFACE",
     "what APP is: wsgi, asgi, or auto: asgi for an async function, an async __call__, or\nthree required parameters"},
    {"factory", FLAG, AT(factory), "0", NULL, NULL, "APP is a function without parameters that returns the app"},
    {"venv", TEXT, AT(venv), NULL, NULL, "DIR", "virtual environment whose packages Python sees"},
    {"native", TEXT, AT(native), NULL, NULL, "FILE.so",
     "a handler of your own in C, by tandem/handler.h, at /native/ in uv-loop and uv-pool"},
    {"max-connections", NUMBER, AT(max_connections), "10000", "1 1000000", "N",
     "open connections of all loops; further ones wait to be accepted"},
    {"max-body", SIZE, AT(max_body_bytes), "1MiB", "0 1024MiB", "SIZE", "a larger request body is answered 413"},
    {"max-header", SIZE, AT(max_header_bytes), "16KiB", "256 1MiB", "SIZE", "a larger request head is answered 431"},
    {"header-timeout", DURATION, AT(header_timeout_ns), "10s", "1ms 1440m", "TIME",
     "a request head not whole by then is answered 408"},
    {"request-timeout", DURATION, AT(request_timeout_ns), "30s", "1ms 1440m", "TIME",
     "a body not whole by then is answered 408, a handler not done by then 504"},
    {"keep-alive", DURATION, AT(keep_alive_ns), "75s", "1ms 1440m", "TIME", "an idle connection is closed after that"},
    {"drain-timeout", DURATION, AT(drain_timeout_ns), "10s", "1ms 1440m", "TIME",
     "how long the end may take: requests in flight, the app's shutdown, exit handlers"},
    {"websocket-ping", DURATION, AT(websocket_ping_ns), "20s", "1ms 1440m", "TIME", NULL},
    {"websocket-close", DURATION, AT(websocket_close_ns), "5s", "1ms 1440m", "TIME", NULL},
    {"linger", DURATION, AT(linger_ns), "2s", "1ms 1440m", "TIME", NULL},
    {"healthcheck-timeout", DURATION, AT(healthcheck_timeout_ns), "5s", "1ms 1440m", "TIME", NULL},
    {"stats-stream-period", DURATION, AT(stats_stream_ns), "1s", "1ms 1440m", "TIME", NULL},
    {"admin", NUMBER_OR_NONE, AT(admin), "none", "0 65535", "PORT",
     "a port for /stats, /metrics, /livez and the like alone, on a thread of their own;\n0 takes a free one"},
    {"pages", PREFIX_OR_OFF, AT(pages), NULL, NULL, "PREFIX|off",
     "where /stats, /metrics, /livez and tandem's other pages are on --port. Default: /,\n"
     "or /_tandem if an app or a handler in C is at the root. --admin has them at /, always"},
    {"log-level", CHOICE, AT(log_level), "info", "error warn info debug", "LEVEL", "error, warn, info or debug"},
    {"log-format", CHOICE, AT(log_format), "text", "text json", "FORMAT", "text or json"},
    {"access-log", FLAG, AT(access_log), "0", NULL, NULL, "log a line for every response"},
    {"server-timing", FLAG, AT(server_timing), "0", NULL, NULL,
     "say in a header of each workload's response where its time went"},
    {"check-config", FLAG, AT(check_config), "0", NULL, NULL,
     "check the options and --venv, and exit; loads nothing and opens no port"},
    {"check-app", APP, AT(check_app), NULL, NULL, "MODULE:ATTRIBUTE",
     "say for each model whether it would run that app, and if not, why; then exit"},
    {"healthcheck", FLAG, AT(healthcheck), "0", NULL, NULL,
     "ask the server that runs with these options whether it is ready, and exit: 0 if so, else 1"},
    {"print-config", FLAG, AT(print_config), "0", NULL, NULL, "print the options as environment variables and exit"},
    {"models", FLAG, AT(print_models), "0", NULL, NULL, "print the models as JSON and exit"},
    {"workloads", FLAG, AT(print_workloads), "0", NULL, NULL,
     "print the workloads and their parameters as JSON and exit"},
    {"version", FLAG, AT(version), "0", NULL, NULL,
     "print the version, those of the libraries and the path of Python, and exit"},
    {"help", FLAG, AT(help), "0", NULL, NULL, "print this and exit; -h does, too"},
    {.name = NULL},
};

_Static_assert(sizeof options / sizeof options[0] - 1 <= CONFIG_OPTIONS_MAX,
               "struct config holds the text of each option");

void option_variable(const struct option *option, char out[OPTION_VARIABLE_BYTES])
{
    int length = snprintf(out, OPTION_VARIABLE_BYTES, OPTION_VARIABLE_PREFIX "%s", option->name);
    CHECK(length < OPTION_VARIABLE_BYTES);
    for (char *at = out; *at; at++)
        *at = (char)(*at == '-' ? '_' : ascii_upper(*at));
}
