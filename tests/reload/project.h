/* A directory like an app's, on a loop that the test runs, and a record of the changes reported in it. */
#ifndef TANDEM_TESTS_PROJECT_H
#define TANDEM_TESTS_PROJECT_H

#include <uv.h>

extern char project[]; /* its path, without symbolic links */
extern uv_loop_t project_loop;

void project_open(void);
/* Removes the directory, and closes the loop, whose handles must be closing. */
void project_close(void);

/* Returns the path of a file in the directory, valid until the next call. name may contain directories, which must
 * exist. */
const char *project_path(const char *name);
void project_write(const char *name, const char *text);
void project_make_directory(const char *name);
void project_remove(const char *name); /* a file, or an empty directory */
void project_rename(const char *from, const char *to);
void project_link(const char *to, const char *name);

/* An on_change callback: collects the names. */
void project_on_change(void *owner, const char *name);

/* Runs the loop until all changes so far have been reported. Expects names, such as "a.py pkg": each name once, in
 * order of its first report. The function writes a file marker.py for this and leaves it out of the names. */
void project_expect(const char *names);

#endif
