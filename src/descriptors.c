#include "descriptors.h"

#include <sys/resource.h>

#include "admin.h"
#include "base/check.h"
#include "workloads/workloads.h"

/* Sockets and files beside the connections: libraries, the workloads' files, Python's; and the epoll descriptors and
 * wake-ups of a loop and its libmicrohttpd. */
enum { DESCRIPTORS_BESIDE = 216, DESCRIPTORS_PER_LOOP = 8 + FILE_READS_PER_LOOP };

enum err descriptors_raise_limit(const struct config *config)
{
    struct rlimit limit;
    rlim_t beside = DESCRIPTORS_BESIDE + DESCRIPTORS_PER_LOOP * config->loops;
    if (config->admin != CONFIG_NONE)
        beside += ADMIN_CONNECTIONS + DESCRIPTORS_PER_LOOP;
    rlim_t wanted = config->max_connections + beside;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur >= wanted)
        return ERR_OK;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted)
        return err_fail(
            ERR_INVALID,
            "--max-connections %llu: needs %llu file descriptors, and this process may have %llu (ulimit -n); "
            "at most %lld connections fit",
            (unsigned long long)config->max_connections, (unsigned long long)wanted, (unsigned long long)limit.rlim_max,
            (long long)limit.rlim_max - (long long)beside);
    limit.rlim_cur = wanted;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    return ERR_OK;
}
