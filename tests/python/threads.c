#include "python/threads.h"

#include "assertions.h"
#include <dirent.h>
#include <unistd.h>

unsigned thread_count(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

void expect_threads(unsigned expected)
{
    for (unsigned i = 0; i < 5000 && thread_count() != expected; i++)
        usleep(1000);
    ck_assert_uint_eq(thread_count(), expected);
}
