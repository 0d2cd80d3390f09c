/* Marks: moments that users had remembered, each with the snapshot of it, so that several people can watch one server.
 *
 * ANY thread. The lock is held while the list is looked at or changed, never while a snapshot is taken, freed or made
 * into a document: who finds a mark holds its snapshot. */
#ifndef TANDEM_STATS_MARKS_H
#define TANDEM_STATS_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "stats/snapshot.h"

enum { MARKS_MAX = 16, MARK_NAME_MAX = 64 };

/* What mark_name_valid holds a name to, for people. */
#define MARK_NAME_RULE "1 to 64 of A-Z a-z 0-9 . _ -"

struct mark {
    char name[MARK_NAME_MAX + 1];
    struct snapshot *snapshot;
};

struct marks {
    uv_mutex_t lock;
    unsigned count;
    struct mark list[MARKS_MAX]; /* oldest first */
};

void marks_init(struct marks *marks);

/* Nobody uses them any more. */
void marks_free(struct marks *marks);

bool mark_name_valid(const char *name);

/* Takes the snapshot; the name is valid. A mark of that name is replaced (true), and it is the newest; else it is a new
 * one, for which the oldest goes where there are MARKS_MAX. */
bool marks_set(struct marks *marks, const char *name, struct snapshot *snapshot);

/* The mark's snapshot, to be released; NULL where there is no such mark. */
struct snapshot *marks_find(struct marks *marks, const char *name);

/* The names, newest first, with ", " between them; what does not fit is left out, and "…" says so. "" where none is
 * set. */
void marks_names(struct marks *marks, char *out, size_t out_bytes);

#endif
