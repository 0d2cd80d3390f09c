#include "base/own_fds.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

static int new_fd(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    ck_assert_int_gt(fd, 2);
    return fd;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* A child closes what is tandem's. Returns true if the descriptor is open in it afterwards. */
static bool open_in_child(int fd)
{
    int status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        own_fds_close_all();
        _exit(is_open(fd));
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(a_child_closes_those_that_were_added)
{
    int own = new_fd(), another = new_fd(), high = fcntl(own, F_DUPFD_CLOEXEC, 200);
    own_fds_add(own);
    own_fds_add(high);
    ck_assert(!open_in_child(own) && !open_in_child(high));
    ck_assert(open_in_child(another) && open_in_child(0) && open_in_child(2));
    own_fds_remove(own);
    ck_assert(open_in_child(own) && !open_in_child(high));
    own_fds_close(high);
    ck_assert(!is_open(high) && is_open(own) && is_open(another));
}
END_TEST

START_TEST(standard_descriptors_are_never_tandem_s)
{
    for (int fd = -1; fd <= 2; fd++)
        own_fds_add(fd);
    own_fds_add(1 << 20); /* beyond all that is noted */
    own_fds_remove(1 << 20);
    ck_assert(open_in_child(0) && open_in_child(1) && open_in_child(2));
}
END_TEST

START_TEST(what_is_opened_after_the_start_is_tandem_s)
{
    int inherited = new_fd();
    own_fds_start();
    int opened = new_fd();
    own_fds_add_all();
    int later = new_fd();
    ck_assert(open_in_child(inherited) && !open_in_child(opened) && open_in_child(later));
}
END_TEST

START_TEST(an_epoll_descriptor_comes_with_those_that_it_watches)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC), watched = eventfd(0, EFD_CLOEXEC), another = eventfd(0, EFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    ck_assert_int_eq(epoll_ctl(epoll, EPOLL_CTL_ADD, watched, &event), 0);
    own_fds_add_epoll(epoll);
    ck_assert(!open_in_child(epoll) && !open_in_child(watched) && open_in_child(another));
    own_fds_remove_epoll(epoll);
    ck_assert(open_in_child(epoll) && open_in_child(watched));
}
END_TEST

START_TEST(a_closed_standard_descriptor_becomes_dev_null)
{
    int kept = dup(0);
    close(0);
    own_fds_start();
    ck_assert(is_open(0) && write(0, "x", 1) == 1);
    ck_assert_int_eq(dup2(kept, 0), 0);
}
END_TEST

SUITE("own_fds", a_child_closes_those_that_were_added, standard_descriptors_are_never_tandem_s,
      what_is_opened_after_the_start_is_tandem_s, an_epoll_descriptor_comes_with_those_that_it_watches,
      a_closed_standard_descriptor_becomes_dev_null)
