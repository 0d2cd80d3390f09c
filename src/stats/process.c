#include "stats/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/check.h"

/* /proc/self/statm, the second number: pages. 0 where there is no /proc. */
static json_int_t resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose(file);
    return (json_int_t)pages * sysconf(_SC_PAGESIZE);
}

/* /proc/self/stat, the 20th field. */
static json_int_t thread_count(void)
{
    char text[1024];
    long threads = 0;
    FILE *file = fopen("/proc/self/stat", "re");
    if (!file)
        return 0;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    /* The second field is the process's name, in brackets; the name may have some, too. */
    const char *rest = strrchr(text, ')');
    if (!rest ||
        sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %ld", &threads) != 1)
        return 0;
    return threads;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

json_t *process_json(void)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return json_pack("{s:I, s:f, s:f, s:I, s:I, s:I}", "resident_memory_bytes", resident_bytes(), "cpu_user_seconds",
                     seconds(usage.ru_utime), "cpu_system_seconds", seconds(usage.ru_stime), "threads", thread_count(),
                     "voluntary_context_switches", (json_int_t)usage.ru_nvcsw, "involuntary_context_switches",
                     (json_int_t)usage.ru_nivcsw);
}
