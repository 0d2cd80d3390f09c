#include "core/note.h"

#include <stddef.h>

void inbox_push(struct inbox *inbox, struct note *note)
{
    struct note *newest = atomic_load_explicit(&inbox->newest, memory_order_relaxed);
    do
        note->next = newest;
    while (!atomic_compare_exchange_weak_explicit(&inbox->newest, &newest, note, memory_order_release,
                                                  memory_order_relaxed));
}

void inbox_deliver(struct inbox *inbox)
{
    struct note *newest = atomic_exchange_explicit(&inbox->newest, NULL, memory_order_acquire);
    struct note *oldest = NULL;
    while (newest) {
        struct note *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    while (oldest) {
        struct note *note = oldest;
        oldest = note->next;
        note->deliver(note);
    }
}
