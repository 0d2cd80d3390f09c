#include "config/options.h"

void config_print(const struct config *config, FILE *out)
{
    for (unsigned i = 0; options[i].name; i++) {
        if (options[i].offset >= offsetof(struct config, check_config))
            continue; /* asks for something other than serving */
        if (!config->texts[i] || !options[i].help)
            continue;
        char name[OPTION_VARIABLE_BYTES];
        option_variable(&options[i], name);
        fprintf(out, "%s=%s\n", name, config->texts[i]);
    }
}

void config_help(FILE *out)
{
    fputs("usage: tandem [OPTIONS] [APP]\n\n"
          "Serves the same workloads through several concurrency models of CPython and of libuv, so that they can be\n"
          "compared. Every option is an environment variable too (--queue-limit is TANDEM_QUEUE_LIMIT); the command\n"
          "line wins. Times take ms, s or m; sizes take KiB or MiB.\n\n",
          out);
    for (const struct option *option = options; option->name; option++) {
        if (!option->help)
            continue;
        int width =
            fprintf(out, "  --%s%s%s", option->name, option->value ? " " : "", option->value ? option->value : "");
        fprintf(out, "%*s", width < 26 ? 26 - width : 1, "");
        for (const char *at = option->help; *at; at++) {
            fputc(*at, out);
            if (*at == '\n')
                fprintf(out, "%26s", "");
        }
        if (option->fallback && option->kind != FLAG)
            fprintf(out, " [%s]", option->fallback);
        fputc('\n', out);
    }
}
