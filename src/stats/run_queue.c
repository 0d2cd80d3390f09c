#include "stats/run_queue.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Reads a thread's schedstat: time on a CPU, time in a run queue, number of time slices. */
static uint64_t thread_wait_ns(int tasks, const char *thread)
{
    char path[64], text[96];
    unsigned long long waited_ns = 0;
    snprintf(path, sizeof path, "%.40s/schedstat", thread);
    int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0; /* the thread has ended, or the kernel has no such file */
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    return sscanf(text, "%*u %llu", &waited_ns) == 1 ? waited_ns : 0;
}

uint64_t run_queue_wait_ns(void)
{
    uint64_t waited_ns = 0;
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks)
        return 0;
    for (const struct dirent *entry; (entry = readdir(tasks));)
        if (entry->d_name[0] != '.')
            waited_ns += thread_wait_ns(dirfd(tasks), entry->d_name);
    closedir(tasks);
    return waited_ns;
}
