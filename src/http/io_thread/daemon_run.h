/* Daemon runs: decides when an I/O thread runs its libmicrohttpd daemon, and when the models get the requests that the
 * daemon has read. LOOP only.
 *
 * A uv_poll watches the daemon's epoll descriptor, and a uv_timer its timeout. Events on the loop usually only mark a
 * run as due (io_thread_want_run). The run then takes place before the loop blocks (uv_prepare) or after it has polled
 * (uv_check). */
#ifndef TANDEM_HTTP_IO_THREAD_DAEMON_RUN_H
#define TANDEM_HTTP_IO_THREAD_DAEMON_RUN_H

struct io_thread;

/* The loop's thread, or any thread while the loop is not running. The I/O thread must have its daemon. The owner closes
 * the handles. */
void daemon_run_start(struct io_thread *io_thread);

/* Calls io_thread_want_run() for a request that was answered. If many answers have come, runs the daemon at once. */
void daemon_run_for_answer(struct io_thread *io_thread);

/* Runs the daemon now. Must not be called within a run. */
void daemon_run_now(struct io_thread *io_thread);

#endif
