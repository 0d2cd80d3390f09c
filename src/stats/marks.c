#include "stats/marks.h"

#include <string.h>

#include "base/check.h"

void marks_init(struct marks *marks)
{
    CHECK(uv_mutex_init(&marks->lock) == 0);
    marks->count = 0;
}

void marks_free(struct marks *marks)
{
    for (unsigned i = 0; i < marks->count; i++)
        snapshot_release(marks->list[i].snapshot);
    marks->count = 0;
    uv_mutex_destroy(&marks->lock);
}

bool mark_name_valid(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= MARK_NAME_MAX &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == length;
}

/* The lock held. Returns the mark's place in the list; count if there is none. */
static unsigned find_locked(const struct marks *marks, const char *name)
{
    unsigned i = 0;
    while (i < marks->count && strcmp(marks->list[i].name, name) != 0)
        i++;
    return i;
}

/* The lock held. Removes the mark. Returns its snapshot, which the caller releases. */
static struct snapshot *take_out_locked(struct marks *marks, unsigned place)
{
    struct snapshot *snapshot = marks->list[place].snapshot;
    marks->count--;
    memmove(&marks->list[place], &marks->list[place + 1], (marks->count - place) * sizeof marks->list[0]);
    return snapshot;
}

bool marks_set(struct marks *marks, const char *name, struct snapshot *snapshot)
{
    CHECK(mark_name_valid(name));
    struct snapshot *old = NULL;
    uv_mutex_lock(&marks->lock);
    unsigned place = find_locked(marks, name);
    bool replaced = place < marks->count;
    if (replaced)
        old = take_out_locked(marks, place);
    else if (marks->count == MARKS_MAX)
        old = take_out_locked(marks, 0);
    struct mark *mark = &marks->list[marks->count++];
    strcpy(mark->name, name);
    mark->snapshot = snapshot;
    uv_mutex_unlock(&marks->lock);
    snapshot_release(old);
    return replaced;
}

struct snapshot *marks_find(struct marks *marks, const char *name)
{
    struct snapshot *snapshot = NULL;
    uv_mutex_lock(&marks->lock);
    unsigned place = find_locked(marks, name);
    if (place < marks->count)
        snapshot = snapshot_hold(marks->list[place].snapshot);
    uv_mutex_unlock(&marks->lock);
    return snapshot;
}

void marks_names(struct marks *marks, char *out, size_t out_bytes)
{
    static const char separator[] = ", ", more[] = ", …";
    size_t length = 0;
    out[0] = '\0';
    uv_mutex_lock(&marks->lock);
    for (unsigned i = marks->count; i-- > 0;) {
        const char *name = marks->list[i].name;
        if (length + strlen(separator) + strlen(name) + sizeof more > out_bytes) {
            strcpy(out + length, more);
            break;
        }
        if (length > 0)
            length += strlen(strcpy(out + length, separator));
        length += strlen(strcpy(out + length, name));
    }
    uv_mutex_unlock(&marks->lock);
}
