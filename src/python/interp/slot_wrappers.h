/* A defect of CPython 3.12.0 to 3.12.4 (gh-117482): in a subinterpreter the built-in types have methods in their
 * dictionaries that they only inherit in the main interpreter, such as list.__str__. A subclass with a mixin finds
 * those before the mixin's. The cure: what the main interpreter's types lack is deleted. */
#ifndef TANDEM_PYTHON_INTERP_SLOT_WRAPPERS_H
#define TANDEM_PYTHON_INTERP_SLOT_WRAPPERS_H

#include <stdbool.h>

/* True if this version of Python has the defect. */
bool slot_wrappers_needed(void);

/* The main GIL held. Notes the methods of the built-in types, at the first call. False: an exception is set. */
bool slot_wrappers_remember(void);

/* A new subinterpreter's GIL held, before code of the user's runs in it; slot_wrappers_remember came before. Deletes
 * the surplus methods. Classes that Python itself has made before keep what they have inherited. False: an exception is
 * set. */
bool slot_wrappers_prune(void);

/* MAIN thread, Python finalized. Frees what was noted. */
void slot_wrappers_forget(void);

#endif
