#include "stats/json_build.h"

/* jansson releases the value itself when adding fails. Without a container to add to, it must be released here. */
static void give_up(json_t **whole, json_t *value)
{
    if (!*whole)
        json_decref(value);
    json_decref(*whole);
    *whole = NULL;
}

void json_add(json_t **object, const char *key, json_t *value)
{
    if (!*object || json_object_set_new(*object, key, value) != 0)
        give_up(object, value);
}

void json_append(json_t **array, json_t *value)
{
    if (!*array || json_array_append_new(*array, value) != 0)
        give_up(array, value);
}
