/* The configuration: the command line wins over the environment, which wins over the defaults.
 *
 * One table in options.c declares every option. The name gives the variable (--queue-limit is TANDEM_QUEUE_LIMIT). The
 * kind and the range give the check and the error's wording. The text gives the line in --help. */
#ifndef TANDEM_CONFIG_CONFIG_H
#define TANDEM_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum { CONFIG_OPTIONS_MAX = 48, GC_GENERATIONS = 3 };

enum asyncio_choice { ASYNCIO_AUTO, ASYNCIO_ASYNCIO, ASYNCIO_UVLOOP };
enum interface_choice { INTERFACE_AUTO, INTERFACE_WSGI, INTERFACE_ASGI };
#define CONFIG_NONE UINT64_MAX /* the value of a NUMBER_OR_NONE option set to "none" */

struct config {
    const char *mode;
    const char *host;
    const char *app; /* MODULE:ATTRIBUTE; NULL: none */
    const char *app_dir;
    uint64_t port; /* 0: any free port */
    uint64_t loops;
    uint64_t threads;
    uint64_t queue_limit;
    uint64_t asyncio_loop;                 /* enum asyncio_choice */
    uint64_t gc_threshold[GC_GENERATIONS]; /* the arguments of gc.set_threshold */
    uint64_t interface;                    /* enum interface_choice */
    bool factory;
    const char *venv;   /* NULL: none */
    const char *native; /* the user's own handler; NULL: none */
    uint64_t max_connections;
    uint64_t max_body_bytes;
    uint64_t max_header_bytes;
    uint64_t header_timeout_ns;
    uint64_t request_timeout_ns;
    uint64_t keep_alive_ns;
    uint64_t drain_timeout_ns;

    /* Fixed, except in a test build (meson: -Dtests=true), where options set them. */
    uint64_t websocket_ping_ns;  /* between two pings of a websocket, and the time to answer one */
    uint64_t websocket_close_ns; /* for a websocket's client to answer a close */
    uint64_t linger_ns;          /* the most that a lingering close takes: http/connection/lingering_close.h */
    uint64_t healthcheck_timeout_ns;
    uint64_t stats_stream_ns; /* between two events of /stats/stream */

    const char *pages;   /* the prefix of tandem's own pages, "/" or "off"; NULL: by what is at the root */
    uint64_t admin;      /* a port; 0: any free port; CONFIG_NONE: no admin port */
    uint64_t log_level;  /* enum log_level */
    uint64_t log_format; /* enum log_format */
    bool access_log;
    bool server_timing;
    bool reload;
    bool check_config;
    const char *check_app; /* MODULE:ATTRIBUTE; NULL: none */
    bool healthcheck;
    bool print_config;
    bool print_models;
    bool print_workloads;
    bool version;
    bool help;

    const char *texts[CONFIG_OPTIONS_MAX]; /* each option's value as given, for --print-config; NULL: none */
};

/* Returns a third of the drain timeout. Three steps of a drain follow each other and may take that long each: streams
 * and websockets, the app's calls that outlive their answer, and the app's shutdown. */
static inline uint64_t config_drain_share_ns(const struct config *config)
{
    return config->drain_timeout_ns / 3;
}

/* Fills config from argv and environment ("NAME=value" strings, NULL at the end). The strings must outlive config.
 * ERR_INVALID: err_message() names the option and says what would be right. */
WARN_UNUSED enum err config_parse(struct config *config, int argc, char *const argv[], char *const environment[]);

/* Warns in the log of each variable in environment whose name begins with TANDEM_ but is no option's, and suggests one
 * that is. */
void config_warn_of_unknown(char *const environment[]);

/* Writes a line NAME=value, as the environment takes it, for each option that has a value. Omits options that ask for
 * something other than serving (--check-config to --help), and the options of a test build. */
void config_print(const struct config *config, FILE *out);

void config_help(FILE *out);

#endif
