/* What the user asked for: the command line over the environment over the defaults.
 *
 * One table in config.c declares every option: its name gives the variable (--queue-limit is TANDEM_QUEUE_LIMIT), its
 * kind and range give the check and the error's wording, its text the line in --help. */
#ifndef TANDEM_CORE_CONFIG_H
#define TANDEM_CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum { CONFIG_OPTIONS_MAX = 48 };

enum asyncio_choice { ASYNCIO_AUTO, ASYNCIO_ASYNCIO, ASYNCIO_UVLOOP };
enum interface_choice { INTERFACE_AUTO, INTERFACE_WSGI, INTERFACE_ASGI };
#define CONFIG_NONE UINT64_MAX /* of an option that has no number: none */

struct config {
    const char *mode;
    const char *host;
    const char *app; /* MODULE:ATTRIBUTE; NULL: none */
    const char *app_dir;
    uint64_t port; /* 0: any free one */
    uint64_t loops;
    uint64_t threads;
    uint64_t queue_limit;
    uint64_t asyncio_loop; /* enum asyncio_choice */
    uint64_t interface;    /* enum interface_choice */
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

    /* Fixed, but for a test build (meson: -Dtests=true), which has options for them. */
    uint64_t websocket_ping_ns;  /* between two pings of a websocket; a ping may be unanswered for as long */
    uint64_t websocket_close_ns; /* that a websocket's client has to answer a close */
    uint64_t linger_ns;          /* that a connection lingers for: http/linger.h */
    uint64_t healthcheck_timeout_ns;
    uint64_t stats_stream_ns; /* between two events of /stats/stream */

    uint64_t admin;      /* a port, 0: any free one; CONFIG_NONE */
    uint64_t log_level;  /* enum log_level */
    uint64_t log_format; /* enum log_format */
    bool access_log;
    bool server_timing;
    bool reload;
    bool check_config;
    bool healthcheck;
    bool print_config;
    bool version;
    bool help;

    const char *texts[CONFIG_OPTIONS_MAX]; /* each option's value as it was given, for --print-config; NULL: none */
};

/* What of a drain one thing after another may take: streams and websockets, what goes on behind answers, the app's
 * shutdown. */
static inline uint64_t config_drain_share_ns(const struct config *config)
{
    return config->drain_timeout_ns / 3;
}

/* Fills config from argv and environment ("NAME=value" strings, NULL at the end). ERR_INVALID: err_message() names the
 * option and says what would be right. The strings must outlive config. */
WARN_UNUSED enum err config_parse(struct config *config, int argc, char *const argv[], char *const environment[]);

/* Every option as a line NAME=value, which is what the environment takes. */
void config_print(const struct config *config, FILE *out);

void config_help(FILE *out);

#endif
