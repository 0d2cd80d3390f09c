/* A directory like the one where tandem is installed, with Python code of the test's own. For the code under test this
 * executable is in it: /proc/self/exe says so (readlink is replaced here). */
#ifndef TANDEM_TESTS_TREE_H
#define TANDEM_TESTS_TREE_H

extern char tree[]; /* its path */
extern char
    tree_source[]; /* the directory in it that is for the package tandem; missing until something is written there */
extern const char *tree_program; /* what /proc/self/exe is a link to; NULL: it cannot be read */

void tree_open(void);
void tree_close(void);

/* Writes a file of Python code, such as "tandem/__init__.py", and the directories that it is in. */
void tree_write(const char *name, const char *code);

/* The same of tandem's own, as it is in the source tree. */
void tree_copy(const char *name);

/* The packages tandem and tandem.workloads, with nothing in them. */
void tree_write_packages(void);

/* Runs Python code, the GIL held. Fails the test where it raises. */
void tree_python(const char *code);

#endif
