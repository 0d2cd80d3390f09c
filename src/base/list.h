/* Intrusive structures: a linked object holds its link as a member. */
#ifndef TANDEM_BASE_LIST_H
#define TANDEM_BASE_LIST_H

#include <stddef.h>

/* Returns the object of this type whose member is *pointer. */
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
