/* What the command line asks for. */
#ifndef OPEN_LOOP_OPTIONS_H
#define OPEN_LOOP_OPTIONS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "schedule.h"

struct options {
    double rate; /* requests per second, over all connections */
    unsigned connections;
    double seconds;
    double grace_seconds; /* how long the last answers are waited for */
    enum arrivals arrivals;
    uint64_t seed;
    struct sockaddr_in address;
    char *request; /* head and body; owned */
    size_t request_bytes;
};

/* Explains what is wrong, and ends the process with status 2, where it cannot be done. */
void options_read(struct options *options, int argc, char *argv[]);

#endif
