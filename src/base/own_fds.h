/* The file descriptors that are tandem's own, not the user's code's. A forked child closes its copies of them:
 * otherwise it would keep clients' connections open, and could read what is meant for the server.
 *
 * A descriptor is added after it was opened and removed before it is closed. Descriptors of 2^20 and more are not
 * noted; tandem opens none. */
#ifndef TANDEM_BASE_OWN_FDS_H
#define TANDEM_BASE_OWN_FDS_H

/* MAIN thread, first of all. Opens /dev/null for each of the descriptors 0 to 2 that is closed, so that nothing else
 * gets these numbers. Then notes which descriptors the process has inherited. */
void own_fds_start(void);

/* MAIN thread, before any of the user's code has run. Adds all descriptors that were opened since own_fds_start. */
void own_fds_add_all(void);

/* ANY thread. */
void own_fds_add(int fd);
void own_fds_remove(int fd);

/* ANY thread. Adds, or removes, an epoll descriptor and all descriptors that it watches. */
void own_fds_add_epoll(int fd);
void own_fds_remove_epoll(int fd);

/* ANY thread. Removes and closes it. */
void own_fds_close(int fd);

/* In a forked child, by its only thread. Closes all. Async-signal-safe. */
void own_fds_close_all(void);

#endif
