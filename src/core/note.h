/* Notes: what a thread has to tell a loop. An inbox is a lock-free stack that any thread pushes to and its owner takes
 * whole. A note is part of what it is about, and under way at most once at a time. */
#ifndef TANDEM_CORE_NOTE_H
#define TANDEM_CORE_NOTE_H

#include <stdatomic.h>

struct note {
    struct note *next;
    void (*deliver)(struct note *note); /* the inbox's owner. It is not under way any more. */
};

/* Zeroed memory is empty. */
struct inbox {
    _Atomic(struct note *) newest;
};

/* ANY thread. */
void inbox_push(struct inbox *inbox, struct note *note);

/* The owner. Delivers what is in it, oldest first. */
void inbox_deliver(struct inbox *inbox);

#endif
