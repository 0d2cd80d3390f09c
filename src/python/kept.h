/* What an interpreter or a thread keeps for files that it does not know. Each of them embeds a struct kept in its data,
 * and says how to free that; the owner frees all it has when it ends. The owner's GIL held, everywhere here. */
#ifndef TANDEM_PYTHON_KEPT_H
#define TANDEM_PYTHON_KEPT_H

#include <stddef.h>

struct kept {
    void (*let_go)(struct kept *kept); /* NULL: it is on no list */
    struct kept *next;
};

static inline void kept_add(struct kept **list, struct kept *kept, void (*let_go)(struct kept *kept))
{
    *kept = (struct kept){.let_go = let_go, .next = *list};
    *list = kept;
}

/* The latest first. Each may be added again, during this or later. */
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
