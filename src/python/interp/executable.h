/* The interpreter that belongs to the libpython of this process: bin/python3.12 of the same installation. Apps start it
 * as sys.executable, and so does multiprocessing. */
#ifndef TANDEM_PYTHON_INTERP_EXECUTABLE_H
#define TANDEM_PYTHON_INTERP_EXECUTABLE_H

/* MAIN thread. Returns its absolute path, a static string. NULL: the installation has none, as when only the library's
 * package is installed; or libpython is a part of this executable. Python need not have started. */
const char *executable_path(void);

/* MAIN thread. Returns executable_path(), or else the command that is likely to be it: "python3.12". */
const char *executable_command(void);

#endif
