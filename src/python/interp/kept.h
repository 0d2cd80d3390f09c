/* Data that an interpreter or a thread keeps for higher-level files, which it does not know. Such a file embeds a
 * struct kept in its data and passes a function that frees the data. The owner calls all these functions when it ends.
 * All functions here run with the owner's GIL held. */
#ifndef TANDEM_PYTHON_INTERP_KEPT_H
#define TANDEM_PYTHON_INTERP_KEPT_H

#include <stddef.h>
#include <sys/queue.h>

struct kept {
    void (*let_go)(struct kept *kept); /* NULL: on no list */
    SLIST_ENTRY(kept) link;
};

SLIST_HEAD(kept_list, kept);

/* Adds kept to the list. let_go takes it and frees what it is embedded in. */
static inline void kept_add(struct kept_list *list, struct kept *kept, void (*let_go)(struct kept *kept))
{
    kept->let_go = let_go;
    SLIST_INSERT_HEAD(list, kept, link);
}

/* Calls every let_go, the latest first. Each entry may be added again, even during this call. */
static inline void kept_let_go(struct kept_list *list)
{
    while (!SLIST_EMPTY(list)) {
        struct kept *kept = SLIST_FIRST(list);
        void (*let_go)(struct kept * kept) = kept->let_go;
        SLIST_REMOVE_HEAD(list, link);
        kept->let_go = NULL;
        let_go(kept);
    }
}

#endif
