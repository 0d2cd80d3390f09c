/* CHECK: what cannot happen aborts, with its place. In every build: a broken invariant is never carried on with. */
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
