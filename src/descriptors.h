/* The process's limit of open files. */
#ifndef TANDEM_DESCRIPTORS_H
#define TANDEM_DESCRIPTORS_H

#include "core/config.h"

/* MAIN thread, at the start. As many descriptors as --max-connections needs, or none at all: running out of them later
 * would be worse. ERR_INVALID: there may not be as many. */
WARN_UNUSED enum err descriptors_raise_limit(const struct config *config);

#endif
