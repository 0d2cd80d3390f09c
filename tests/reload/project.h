/* A directory like that of an app, on a loop that the test turns, and what is told of its changes. */
#ifndef TANDEM_TESTS_PROJECT_H
#define TANDEM_TESTS_PROJECT_H

#include <uv.h>

extern char project[]; /* its path, without links */
extern uv_loop_t project_loop;

void project_open(void);
/* Removes it, and closes the loop, whose handles must be closing. */
void project_close(void);

/* A file of that name in it; name may have directories, which must be there. The path is valid until the next one. */
const char *project_path(const char *name);
void project_write(const char *name, const char *text);
void project_make_directory(const char *name);
void project_remove(const char *name); /* a file, or an empty directory */
void project_rename(const char *from, const char *to);
void project_link(const char *to, const char *name);

/* An on_change: collects names. */
void project_on_change(void *owner, const char *name);

/* Turns the loop until all that was done up to now has been told. Which was, is "a.py pkg": names in their order, each
 * once. A file marker.py is written for that, and left out here. */
void project_expect(const char *names);

#endif
