#include "server/fd_limit.h"

#include <sys/resource.h>

#include "base/check.h"
#include "server/admin.h"
#include "workloads/workloads.h"

/* Descriptors in addition to those of connections. DESCRIPTORS_BESIDE: for libraries and Python.
 * DESCRIPTORS_PER_LOOP: for epoll and the wake-ups of a loop and its libmicrohttpd. */
enum { DESCRIPTORS_BESIDE = 216, DESCRIPTORS_PER_LOOP = 8 };

/* Returns the most files that tandem's workloads have open at once on each loop. */
static rlim_t workload_files(void)
{
    rlim_t files = 0;
    for (unsigned i = 0; i < workloads.count; i++)
        files += workloads.list[i]->files_per_loop;
    return files;
}

enum err fd_limit_raise(const struct config *config)
{
    struct rlimit limit;
    rlim_t beside = DESCRIPTORS_BESIDE + (DESCRIPTORS_PER_LOOP + workload_files()) * config->loops;
    if (config->admin != CONFIG_NONE)
        beside += ADMIN_CONNECTIONS + DESCRIPTORS_PER_LOOP + workload_files();
    rlim_t wanted = config->max_connections + beside;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur >= wanted)
        return ERR_OK;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max <= beside)
        return err_fail(
            ERR_INVALID,
            "this process may have only %llu file descriptors (ulimit -n); tandem needs %llu, and one more for "
            "each connection: raise that limit",
            (unsigned long long)limit.rlim_max, (unsigned long long)beside);
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
