/* Decides by name which files and directories belong to the source of an app. */
#ifndef TANDEM_RELOAD_SOURCES_H
#define TANDEM_RELOAD_SOURCES_H

#include <stdbool.h>

/* The file that marks the directory of a virtual environment (PEP 405). */
#define SOURCES_VENV_MARK "pyvenv.cfg"

/* True if the name is that of a Python file that is not hidden: editors create hidden ones next to the file they
 * edit. */
bool sources_is_file(const char *name);

/* True if the directory is a virtual environment. */
bool sources_is_venv(const char *directory);

/* True if the directory path, whose own name is name, is left out with all below it: hidden directories, __pycache__,
 * node_modules and virtual environments. */
bool sources_leave_out(const char *path, const char *name);

#endif
