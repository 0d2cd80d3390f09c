/* CHECK aborts with its file and line if the condition is false. It is on in every build: the program never goes on
 * with a broken invariant. */
#ifndef TANDEM_BASE_CHECK_H
#define TANDEM_BASE_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (__builtin_expect(!(condition), 0)) {                                                                       \
            fprintf(stderr, "tandem: %s:%d: %s: CHECK(%s) failed\n", __FILE__, __LINE__, __func__, #condition);        \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
