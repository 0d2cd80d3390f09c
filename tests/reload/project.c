#include "reload/project.h"

#include "assertions.h"
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER "marker.py"

char project[PATH_MAX];
uv_loop_t project_loop;
static char told[4096];
static bool marker_told;

const char *project_path(const char *name)
{
    static char paths[2][PATH_MAX * 2];
    static unsigned turn;
    char *path = paths[turn++ % 2];
    snprintf(path, sizeof paths[0], "%s/%s", project, name);
    return path;
}

void project_write(const char *name, const char *text)
{
    FILE *file = fopen(project_path(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

void project_make_directory(const char *name)
{
    ck_assert_int_eq(mkdir(project_path(name), 0700), 0);
}

void project_remove(const char *name)
{
    ck_assert_int_eq(remove(project_path(name)), 0);
}

void project_rename(const char *from, const char *to)
{
    ck_assert_int_eq(rename(project_path(from), project_path(to)), 0);
}

void project_link(const char *to, const char *name)
{
    ck_assert_int_eq(symlink(to, project_path(name)), 0);
}

void project_open(void)
{
    char template[] = "/tmp/tandem-project-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(template));
    ck_assert_ptr_nonnull(realpath(template, project));
    ck_assert_int_eq(uv_loop_init(&project_loop), 0);
    told[0] = '\0';
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

void project_close(void)
{
    uv_run(&project_loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&project_loop), 0);
    ck_assert_int_eq(nftw(project, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void project_on_change(void *owner, const char *name)
{
    (void)owner;
    char word[PATH_MAX + 2], words[sizeof told + 2];
    if (strcmp(name, MARKER) == 0) {
        marker_told = true;
        return;
    }
    snprintf(word, sizeof word, " %s ", name);
    snprintf(words, sizeof words, " %s ", told);
    if (strstr(words, word))
        return;
    ck_assert_uint_lt(strlen(told) + strlen(word), sizeof told);
    strcat(told, told[0] ? " " : "");
    strcat(told, name);
}

/* The marker comes last: the kernel keeps the order of the changes, and libuv reads all of them. */
void project_expect(const char *names)
{
    marker_told = false;
    project_write(MARKER, "");
    while (!marker_told)
        uv_run(&project_loop, UV_RUN_ONCE);
    ck_assert_str_eq(told, names);
    told[0] = '\0';
}
