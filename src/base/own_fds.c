#include "base/own_fds.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"

enum { FDS_MAX = 1 << 20, BITS = 64 };

static _Atomic uint64_t own[FDS_MAX / BITS]; /* a bit per descriptor */
static atomic_uint top;                      /* words of own that may have bits */
static uint64_t inherited[FDS_MAX / BITS];

static bool in_range(int fd)
{
    return fd > STDERR_FILENO && fd < FDS_MAX;
}

static uint64_t bit_of(int fd)
{
    return UINT64_C(1) << (fd % BITS);
}

/* Calls visit for each open descriptor. Without /proc there is nothing to visit. */
static void each_open(void (*visit)(int fd))
{
    DIR *listing = opendir("/proc/self/fd");
    if (!listing)
        return;
    const struct dirent *entry;
    while ((entry = readdir(listing))) {
        int fd = atoi(entry->d_name); /* "." and ".." give 0 */
        if (fd != dirfd(listing) && in_range(fd))
            visit(fd);
    }
    closedir(listing);
}

static void note_inherited(int fd)
{
    inherited[fd / BITS] |= bit_of(fd);
}

void own_fds_start(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) {
            int opened = open("/dev/null", O_RDWR);
            CHECK(opened < 0 || opened == fd); /* without /dev/null it stays closed */
        }
    each_open(note_inherited);
}

static void add_new(int fd)
{
    if (!(inherited[fd / BITS] & bit_of(fd)))
        own_fds_add(fd);
}

void own_fds_add_all(void)
{
    each_open(add_new);
}

void own_fds_add(int fd)
{
    if (!in_range(fd))
        return;
    unsigned word = (unsigned)fd / BITS, seen = atomic_load(&top);
    while (seen <= word && !atomic_compare_exchange_weak(&top, &seen, word + 1))
        continue;
    atomic_fetch_or(&own[word], bit_of(fd));
}

void own_fds_remove(int fd)
{
    if (in_range(fd))
        atomic_fetch_and(&own[fd / BITS], ~bit_of(fd));
}

/* Calls visit for the epoll descriptor and those that it watches, which the kernel lists (proc_pid_fdinfo(5)). */
static void each_of_epoll(int fd, void (*visit)(int fd))
{
    char path[64], line[256];
    int watched;
    visit(fd);
    (void)snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    FILE *listing = fopen(path, "re");
    while (listing && fgets(line, sizeof line, listing))
        if (sscanf(line, "tfd: %d", &watched) == 1)
            visit(watched);
    if (listing)
        fclose(listing);
}

void own_fds_add_epoll(int fd)
{
    each_of_epoll(fd, own_fds_add);
}

void own_fds_remove_epoll(int fd)
{
    each_of_epoll(fd, own_fds_remove);
}

void own_fds_close(int fd)
{
    own_fds_remove(fd);
    close(fd);
}

void own_fds_close_all(void)
{
    for (unsigned word = 0, words = atomic_load(&top); word < words; word++)
        for (uint64_t bits = atomic_exchange(&own[word], 0); bits; bits &= bits - 1)
            close((int)(word * BITS) + __builtin_ctzll(bits));
}
