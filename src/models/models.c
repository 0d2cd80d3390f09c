#include "models/models.h"

#include <string.h>

#define LIST_MODEL(name) &model_##name,
static const struct model_ops *const table[] = {MODELS(LIST_MODEL)};

enum { TABLE_COUNT = sizeof table / sizeof table[0] };
_Static_assert((int)TABLE_COUNT <= (int)MODELS_MAX, "every model has a place in the statistics");

static const struct {
    const char *alias, *name;
} aliases[] = {{"libuv", "uv-loop"}, {"python", "py-threads"}};

/* Returns the table index of the model, or alias, that the first length bytes of name spell; -1 if there is none. */
static int find(const char *name, size_t length)
{
    for (unsigned i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (strlen(aliases[i].alias) == length && memcmp(aliases[i].alias, name, length) == 0) {
            name = aliases[i].name;
            length = strlen(name);
            break;
        }
    }
    for (int i = 0; i < TABLE_COUNT; i++)
        if (strlen(table[i]->name) == length && memcmp(table[i]->name, name, length) == 0)
            return i;
    return -1;
}

static enum err unknown(const char *name, size_t length)
{
    char known[128] = "";
    for (unsigned i = 0; i < TABLE_COUNT; i++) {
        strcat(known, table[i]->name);
        strcat(known, i + 1 < TABLE_COUNT ? " " : "");
    }
    return err_fail(ERR_INVALID,
                    "--mode: '%.*s' is no model; a mode is one of %s, an alias (libuv, python), compare, or "
                    "compare:MODEL,MODEL…",
                    (int)length, name, known);
}

enum err models_select(struct models *models, const char *mode)
{
    static const char compare[] = "compare";
    bool chosen[TABLE_COUNT] = {false};
    const char *names = mode;
    if (strcmp(mode, compare) == 0) {
        memset(chosen, true, sizeof chosen);
        names = "";
    } else if (strncmp(mode, "compare:", sizeof compare) == 0) {
        names = mode + sizeof compare;
        if (!*names)
            return unknown("", 0);
    }
    while (*names) {
        size_t length = names == mode ? strlen(mode) : strcspn(names, ",");
        int index = find(names, length);
        if (index < 0)
            return unknown(names, length);
        chosen[index] = true;
        names += length;
        if (*names == ',' && !*++names)
            return unknown("", 0);
    }
    *models = (struct models){0};
    for (unsigned i = 0; i < TABLE_COUNT; i++)
        if (chosen[i]) {
            models->list[models->count].ops = table[i];
            models->list[models->count].index = models->count;
            models->count++;
        }
    return ERR_OK;
}

bool models_need_python(const struct models *models)
{
    for (unsigned i = 0; i < models->count; i++)
        if (models->list[i].ops->needs_python)
            return true;
    return false;
}

void models_help(FILE *out)
{
    fputs("\nModels:\n", out);
    for (unsigned i = 0; i < TABLE_COUNT; i++)
        fprintf(out, "  %-24s%s\n", table[i]->name, table[i]->summary);
}

const struct model_ops *models_known(unsigned index)
{
    return index < TABLE_COUNT ? table[index] : NULL;
}
