/* A directory laid out like tandem's installation, with the test's own Python code. For the code under test, this
 * executable is in it: readlink is replaced here and returns tree_program for /proc/self/exe. */
#ifndef TANDEM_TESTS_TREE_H
#define TANDEM_TESTS_TREE_H

extern char tree[];              /* the directory's path */
extern char tree_source[];       /* its directory for Python code; missing until something is written there */
extern const char *tree_program; /* the target of /proc/self/exe; NULL: it cannot be read */

void tree_open(void);
void tree_close(void);

/* Writes a file of Python code, such as "tandem/__init__.py", and makes its directories. */
void tree_write(const char *name, const char *code);

/* Copies a file of tandem's own code from the source tree. */
void tree_copy(const char *name);

/* Writes the empty packages tandem and tandem.workloads. */
void tree_write_packages(void);

/* Runs Python code, the GIL held. Fails the test if the code raises. */
void tree_python(const char *code);

#endif
