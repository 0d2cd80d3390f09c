/* Intrusive structures: a linked object holds its link as a member. All lists are those of <sys/queue.h> (queue(7)): a
 * LIST if members leave from the middle, a TAILQ if the order of arrival counts as well, a STAILQ for a queue, an SLIST
 * for a stack. The one list with links of its own is the lock-free inbox (core/inbox.h). */
#ifndef TANDEM_BASE_LIST_H
#define TANDEM_BASE_LIST_H

#include <stddef.h>

/* Returns the object of this type whose member is *pointer. */
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
