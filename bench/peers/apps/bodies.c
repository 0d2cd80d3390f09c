/* The bodies of wsgi_app.py by a handler in C: what they cost where no Python is asked for them. */
#include <string.h>

#include <tandem/handler.h>

enum { LONG_BYTES = 10240 };

static const char hello[] = "Hello from an app!";
static const char digits[] = "0123456789abcdef";
static char long_body[LONG_BYTES];

static const char *fill(void)
{
    for (size_t at = 0; at < sizeof long_body; at++)
        long_body[at] = digits[at % (sizeof digits - 1)];
    return NULL;
}

static void start(struct tandem_request *request)
{
    tandem_set_status(request, 200);
    tandem_add_field(request, "Content-Type", "text/plain");
    if (strcmp(tandem_path(request), "/10k") == 0)
        tandem_take_body(request, long_body, sizeof long_body, NULL, NULL);
    else
        tandem_take_body(request, hello, sizeof hello - 1, NULL, NULL);
    tandem_done(request);
}

TANDEM_HANDLER(.setup = fill, .start = start);
