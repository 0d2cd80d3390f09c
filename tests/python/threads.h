/* The threads of this process, by /proc. */
#ifndef TANDEM_TESTS_THREADS_H
#define TANDEM_TESTS_THREADS_H

unsigned thread_count(void);

/* Fails the test where there are not as many in a while: a joined one may still be seen for a moment. */
void expect_threads(unsigned expected);

#endif
