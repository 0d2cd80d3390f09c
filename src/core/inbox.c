#include "core/inbox.h"

#include <stddef.h>

void inbox_push(struct inbox *inbox, struct inbox_message *inbox_message)
{
    struct inbox_message *newest = atomic_load_explicit(&inbox->newest, memory_order_relaxed);
    do
        inbox_message->next = newest;
    while (!atomic_compare_exchange_weak_explicit(&inbox->newest, &newest, inbox_message, memory_order_release,
                                                  memory_order_relaxed));
}

void inbox_deliver(struct inbox *inbox)
{
    struct inbox_message *newest = atomic_exchange_explicit(&inbox->newest, NULL, memory_order_acquire);
    struct inbox_message *oldest = NULL;
    while (newest) {
        struct inbox_message *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    while (oldest) {
        struct inbox_message *inbox_message = oldest;
        oldest = inbox_message->next;
        inbox_message->deliver(inbox_message);
    }
}
