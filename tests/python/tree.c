#include "python/interp/thread.h"

#include "python/tree.h"

#include "assertions.h"
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build_paths.h"

char tree[64];
char tree_source[512];
static char program[128];
const char *tree_program;

ssize_t readlink(const char *path, char *out, size_t size)
{
    static ssize_t (*real)(const char *, char *, size_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "readlink");
    if (strcmp(path, "/proc/self/exe") != 0)
        return real(path, out, size);
    if (!tree_program) {
        errno = EACCES;
        return -1;
    }
    size_t length = strnlen(tree_program, size);
    memset(out, '/', size); /* no NUL follows */
    memcpy(out, tree_program, length);
    return (ssize_t)length;
}

void tree_open(void)
{
    strcpy(tree, "/tmp/tandem-tree-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(tree));
    snprintf(program, sizeof program, "%s/bin", tree);
    ck_assert_int_eq(mkdir(program, 0700), 0);
    snprintf(tree_source, sizeof tree_source, "%s/%s", program, INSTALLED_PYTHON_SOURCE);
    strcat(program, "/tandem");
    tree_program = program;
}

static int on_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void tree_close(void)
{
    ck_assert_int_eq(nftw(tree, on_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void tree_write(const char *name, const char *code)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", tree_source, name);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    ck_assert_int_ge(fputs(code, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

void tree_copy(const char *name)
{
    static char code[16 * 1024];
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", BUILD_PYTHON_SOURCE, name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    size_t length = fread(code, 1, sizeof code - 1, file);
    ck_assert_uint_lt(length, sizeof code - 1);
    code[length] = '\0';
    fclose(file);
    tree_write(name, code);
}

void tree_write_packages(void)
{
    static const char *const started_with[] = {"tandem/process.py", "tandem/ending.py", "tandem/subinterpreter.py",
                                               NULL};
    tree_write("tandem/__init__.py", "");
    tree_write("tandem/workloads/__init__.py", "");
    for (const char *const *name = started_with; *name; name++)
        tree_copy(*name);
}

void tree_python(const char *code)
{
    ck_assert_msg(PyRun_SimpleString(code) == 0, "this raised: %s", code);
}
