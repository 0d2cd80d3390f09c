#include "stats/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"

/* Reads the second number of /proc/self/statm, a number of pages. 0 if it cannot be read. */
static uint64_t resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Reads the 20th field of /proc/self/stat. 0 if it cannot be read. */
static uint64_t thread_count(void)
{
    char text[1024];
    long threads = 0;
    FILE *file = fopen("/proc/self/stat", "re");
    if (!file)
        return 0;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    /* The second field is the process's name in parentheses, which may itself contain parentheses. */
    const char *rest = strrchr(text, ')');
    if (!rest ||
        sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %ld", &threads) != 1)
        return 0;
    return (uint64_t)threads;
}

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * NS_PER_US;
}

void process_read(struct process_sum *out)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    *out = (struct process_sum){
        .user_ns = nanoseconds(usage.ru_utime),
        .system_ns = nanoseconds(usage.ru_stime),
        .voluntary_switches = (uint64_t)usage.ru_nvcsw,
        .involuntary_switches = (uint64_t)usage.ru_nivcsw,
        .resident_bytes = resident_bytes(),
        .threads = thread_count(),
    };
}

void process_subtract(struct process_sum *sum, const struct process_sum *earlier)
{
    sum->user_ns = clock_between(earlier->user_ns, sum->user_ns);
    sum->system_ns = clock_between(earlier->system_ns, sum->system_ns);
    sum->voluntary_switches -= earlier->voluntary_switches;
    sum->involuntary_switches -= earlier->involuntary_switches;
}
