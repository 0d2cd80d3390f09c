#include "options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { BODY_BYTES_MAX = 64 << 20 };

static const char usage[] = "usage: open_loop --rate R [OPTIONS] http://ADDRESS:PORT/PATH\n"
                            "  --rate R            requests per second, all connections together\n"
                            "  --connections N     kept open, one request at a time on each (64)\n"
                            "  --seconds S         for which requests are sent (1)\n"
                            "  --grace S           for which the last answers are then waited for (1)\n"
                            "  --arrivals WHICH    poisson, or constant (poisson)\n"
                            "  --seed N            of the arrivals; the same seed, the same arrivals (1)\n"
                            "  --body FILE         POST these bytes; - is standard input\n";

static void refuse(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

static void refuse(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("open_loop: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\n", stderr);
    va_end(arguments);
    exit(2);
}

static double read_number(const char *option, const char *text, double least, double most)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= least && number <= most))
        refuse("%s: '%s' is not a number from %g to %g", option, text, least, most);
    return number;
}

static uint64_t read_whole_number(const char *option, const char *text, uint64_t least, uint64_t most)
{
    double number = read_number(option, text, (double)least, (double)most);
    if ((double)(uint64_t)number != number)
        refuse("%s: '%s' is not a whole number", option, text);
    return (uint64_t)number;
}

static enum arrivals read_arrivals(const char *text)
{
    if (strcmp(text, "poisson") == 0)
        return ARRIVALS_POISSON;
    if (strcmp(text, "constant") != 0)
        refuse("--arrivals: '%s' is neither poisson nor constant", text);
    return ARRIVALS_CONSTANT;
}

static char *read_body(const char *name, size_t *length)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    if (!file)
        refuse("--body: cannot open '%s'", name);
    char *body = malloc(BODY_BYTES_MAX);
    if (!body)
        refuse("out of memory");
    *length = fread(body, 1, BODY_BYTES_MAX, file);
    if (ferror(file) || fgetc(file) != EOF)
        refuse("--body: '%s' cannot be read, or is larger than %d bytes", name, BODY_BYTES_MAX);
    fclose(file);
    return body;
}

/* The path, which begins with the slash after the port. */
static const char *read_url(struct options *options, const char *url)
{
    char host[INET_ADDRSTRLEN];
    unsigned port;
    int length = 0;
    if (sscanf(url, "http://%15[0-9.]:%5u%n", host, &port, &length) != 2 || url[length] != '/' || port == 0 ||
        port > 65535)
        refuse("'%s' is not of the form http://127.0.0.1:8080/path", url);
    options->address.sin_family = AF_INET;
    options->address.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &options->address.sin_addr) != 1)
        refuse("'%s' is not an IPv4 address", host);
    if (strpbrk(url, " \r\n\t"))
        refuse("the URL has a space in it");
    return url + length;
}

static void compose(struct options *options, const char *url, const char *path, const char *body_file)
{
    size_t body_bytes = 0, host_bytes = (size_t)(path - url) - strlen("http://");
    char *body = body_file ? read_body(body_file, &body_bytes) : NULL, *head;
    int head_bytes;
    if (body)
        head_bytes =
            asprintf(&head, "POST %s HTTP/1.1\r\nHost: %.*s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n",
                     path, (int)host_bytes, url + strlen("http://"), body_bytes);
    else
        head_bytes =
            asprintf(&head, "GET %s HTTP/1.1\r\nHost: %.*s\r\n\r\n", path, (int)host_bytes, url + strlen("http://"));
    options->request = head_bytes < 0 ? NULL : malloc((size_t)head_bytes + body_bytes);
    if (!options->request)
        refuse("out of memory");
    options->request_bytes = (size_t)head_bytes + body_bytes;
    memcpy(options->request, head, (size_t)head_bytes);
    if (body)
        memcpy(options->request + head_bytes, body, body_bytes);
    free(head);
    free(body);
}

void options_read(struct options *options, int argc, char *argv[])
{
    static const struct option known[] = {
        {"rate", required_argument, NULL, 'r'},     {"connections", required_argument, NULL, 'c'},
        {"seconds", required_argument, NULL, 's'},  {"grace", required_argument, NULL, 'g'},
        {"arrivals", required_argument, NULL, 'a'}, {"seed", required_argument, NULL, 'e'},
        {"body", required_argument, NULL, 'b'},     {NULL, 0, NULL, 0},
    };
    *options = (struct options){.connections = 64, .seconds = 1, .grace_seconds = 1, .seed = 1};
    const char *body_file = NULL;
    for (int option; (option = getopt_long(argc, argv, "c:", known, NULL)) != -1;) {
        if (option == 'r')
            options->rate = read_number("--rate", optarg, 0.001, 1e7);
        else if (option == 'c')
            options->connections = (unsigned)read_whole_number("--connections", optarg, 1, 65000);
        else if (option == 's')
            options->seconds = read_number("--seconds", optarg, 0.001, 86400);
        else if (option == 'g')
            options->grace_seconds = read_number("--grace", optarg, 0, 3600);
        else if (option == 'a')
            options->arrivals = read_arrivals(optarg);
        else if (option == 'e')
            options->seed = read_whole_number("--seed", optarg, 0, 1ULL << 53);
        else if (option == 'b')
            body_file = optarg;
        else
            exit(fputs(usage, stderr) < 0 ? 1 : 2);
    }
    if (options->rate == 0)
        refuse("--rate is missing\n%s", usage);
    if (argc - optind != 1)
        refuse("one URL is needed\n%s", usage);
    compose(options, argv[optind], read_url(options, argv[optind]), body_file);
}
