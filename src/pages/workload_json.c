#include "pages/workload_json.h"

#include "stats/json_build.h"

static json_t *param_json(const struct param *param)
{
    if (!param->choices[0])
        return json_pack("{s:I, s:I, s:I}", "min", (json_int_t)param->min, "max", (json_int_t)param->max, "default",
                         (json_int_t)param->fallback);
    json_t *choices = json_array();
    for (const char *const *choice = param->choices; *choice; choice++)
        json_append(&choices, json_string(*choice));
    return json_pack("{s:o, s:s}", "one_of", choices, "default", param->choices[param->fallback]);
}

json_t *workload_json_new(const struct workload *workload)
{
    json_t *params = json_object();
    for (const struct param *param = workload->params; param->name; param++)
        json_add(&params, param->name, param_json(param));
    return json_pack("{s:s, s:o}", "method",
                     workload->is_mount     ? "any"
                     : workload->takes_body ? "POST"
                                            : "GET",
                     "parameters", params);
}
