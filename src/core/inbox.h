/* Inbox messages: how other threads tell a loop something. An inbox is a lock-free stack: any thread pushes a message,
 * and the owner takes all messages at once. A message is a member of the object it is about. It is in at most one inbox
 * at a time.
 *
 * The links are not those of <sys/queue.h>: its macros read and write a list's head as plain memory, and here the head
 * is an atomic that a push changes by compare-and-swap. */
#ifndef TANDEM_CORE_INBOX_H
#define TANDEM_CORE_INBOX_H

#include <stdatomic.h>

struct inbox_message {
    struct inbox_message *next;
    /* The inbox's owner. The message is out of the inbox, and may be pushed again. */
    void (*deliver)(struct inbox_message *inbox_message);
};

/* Zeroed memory is an empty inbox. */
struct inbox {
    _Atomic(struct inbox_message *) newest;
};

/* ANY thread. Borrows the message until it is delivered. */
void inbox_push(struct inbox *inbox, struct inbox_message *inbox_message);

/* The owner. Delivers all messages, oldest first. */
void inbox_deliver(struct inbox *inbox);

#endif
