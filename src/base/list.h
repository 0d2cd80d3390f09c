/* Intrusive structures: what is linked has its link as a member. */
#ifndef TANDEM_BASE_LIST_H
#define TANDEM_BASE_LIST_H

#include <stddef.h>

/* The struct of this type that has *pointer as its member. */
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
