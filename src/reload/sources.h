/* What belongs to the source of an app, by its name. */
#ifndef TANDEM_RELOAD_SOURCES_H
#define TANDEM_RELOAD_SOURCES_H

#include <stdbool.h>

/* Inside a virtual environment, of its directory (PEP 405). */
#define SOURCES_VENV_MARK "pyvenv.cfg"

/* A Python file. Not a hidden one: editors have such files beside what they edit. */
bool sources_is_file(const char *name);

bool sources_is_venv(const char *directory);

/* Whether the directory path, named name, is left out with all below it: hidden ones, __pycache__, node_modules,
 * virtual environments. */
bool sources_leave_out(const char *path, const char *name);

#endif
