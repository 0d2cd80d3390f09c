/* The threads of this process, counted in /proc. */
#ifndef TANDEM_TESTS_THREADS_H
#define TANDEM_TESTS_THREADS_H

unsigned thread_count(void);

/* Fails the test unless the process soon has this many threads. A joined thread may stay visible for a short time. */
void expect_threads(unsigned expected);

#endif
