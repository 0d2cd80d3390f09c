/* Marks: points in time that users asked to remember, each with its snapshot. With several marks, several people can
 * watch one server.
 *
 * ANY thread. The lock is held only while the list is read or changed, never while a snapshot is taken, freed or made
 * into a document. marks_find therefore returns its snapshot with a hold on it. */
#ifndef TANDEM_STATS_MARKS_H
#define TANDEM_STATS_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "stats/snapshot.h"

enum { MARKS_MAX = 16, MARK_NAME_MAX = 64 };

/* The rule of mark_name_valid, in words. */
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

/* Releases all snapshots. Nobody uses the marks any more. */
void marks_free(struct marks *marks);

bool mark_name_valid(const char *name);

/* Takes the snapshot. name must be valid. Replaces the mark of that name, if there is one, and returns true. Otherwise
 * adds a mark, dropping the oldest if there are MARKS_MAX, and returns false. The mark is the newest in both cases. */
bool marks_set(struct marks *marks, const char *name, struct snapshot *snapshot);

/* Returns the mark's snapshot, which the caller releases; NULL if there is no such mark. */
struct snapshot *marks_find(struct marks *marks, const char *name);

/* Writes the names, newest first, separated by ", ". If not all of them fit, "…" stands for the rest. "" if there are
 * no marks. */
void marks_names(struct marks *marks, char *out, size_t out_bytes);

#endif
