/* The program: parses the command line, then prints what was asked for, or serves. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/own_fds.h"
#include "config/config.h"
#include "http/io_thread/io_thread.h"
#include "models/models.h"
#include "python/interp/runtime.h"
#include "reload/reexec.h"
#include "server/catalog.h"
#include "server/check_app.h"
#include "server/control_thread.h"
#include "server/exit_limit.h"
#include "server/first_process.h"
#include "server/healthcheck.h"
#include "server/reloader.h"
#include "server/server.h"
#include "version.h"

enum { EXIT_STOPPED = 0, EXIT_RUN_TIME = 1, EXIT_USAGE = 2, EXIT_APP = 3 };

static int fail(enum err err)
{
    fprintf(stderr, "tandem: %s\n", err_message());
    return err == ERR_INVALID ? EXIT_USAGE : err == ERR_APP ? EXIT_APP : EXIT_RUN_TIME;
}

static void print_version(void)
{
    printf("tandem %s (CPython %s, libuv %s, libmicrohttpd %s, %s)\npython %s\n", TANDEM_VERSION, python_version(),
           uv_version_string(), io_thread_libmicrohttpd_version(), OpenSSL_version(OPENSSL_VERSION), python_command());
}

/* Serves. Returns the exit status. */
static int serve(const struct config *config, char *argv[], uint64_t started_ns)
{
    log_configure((enum log_level)config->log_level, (enum log_format)config->log_format);
    enum err err =
        config->reload ? reexec_prepare(argv) : ERR_OK; /* takes tandem's own variable out of the environment */
    if (!err) {
        config_warn_of_unknown(environ);
        err = server_run(config, started_ns);
    }
    if (!err)
        err = reloader_finish();
    int status = err ? fail(err) : EXIT_STOPPED;
    exit_limit_start(status, control_thread_remaining_ns(config->drain_timeout_ns));
    return status;
}

int main(int argc, char *argv[])
{
    own_fds_start();
    first_process_start();
    (void)setvbuf(stdout, NULL, _IOLBF, 0); /* what a handler in C prints appears at once in a pipe, too */
    uint64_t started_ns = clock_ns();
    struct config config;
    enum err err = config_parse(&config, argc, argv, environ);
    if (err)
        return fail(err);
    if (config.help) {
        config_help(stdout);
        models_help(stdout);
        puts("\nExit status: 0 after a clean stop, 1 for a failure at run time, 2 for wrong usage,\n"
             "3 where APP or the native handler would not load.");
        return EXIT_STOPPED;
    }
    if (config.version) {
        print_version();
        return EXIT_STOPPED;
    }
    if (config.print_config) {
        config_print(&config, stdout);
        return EXIT_STOPPED;
    }
    if (config.print_models || config.print_workloads) {
        err = config.print_models ? catalog_print_models(stdout) : catalog_print_workloads(stdout);
        return err ? fail(err) : EXIT_STOPPED;
    }
    if (config.check_app) {
        config.app = config.check_app;
        log_configure((enum log_level)config.log_level, (enum log_format)config.log_format);
        err = check_app(&config, stdout);
        return err ? fail(err) : EXIT_STOPPED;
    }
    if (config.healthcheck) {
        err = healthcheck(&config);
        return err ? fail(err) : EXIT_STOPPED;
    }
    return serve(&config, argv, started_ns);
}
