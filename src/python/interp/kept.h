/* Data that an interpreter or a thread keeps for higher-level files, which it does not know. Such a file embeds a
 * struct kept in its data and passes a function that frees the data. The owner calls all these functions when it ends.
 * All functions here run with the owner's GIL held. */
#ifndef TANDEM_PYTHON_INTERP_KEPT_H
#define TANDEM_PYTHON_INTERP_KEPT_H

#include <stddef.h>

struct kept {
    void (*let_go)(struct kept *kept); /* NULL: on no list */
    struct kept *next;
};

/* Adds kept to the list. let_go takes it and frees what it is embedded in. */
static inline void kept_add(struct kept **list, struct kept *kept, void (*let_go)(struct kept *kept))
{
    *kept = (struct kept){.let_go = let_go, .next = *list};
    *list = kept;
}

/* Calls every let_go, the latest first. Each entry may be added again, even during this call. */
static inline void kept_let_go(struct kept **list)
{
    while (*list) {
        struct kept *kept = *list;
        void (*let_go)(struct kept * kept) = kept->let_go;
        *list = kept->next;
        kept->let_go = NULL;
        let_go(kept);
    }
}

#endif
