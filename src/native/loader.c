#include "native/loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_BYTES = 400 };

static const char symbol[] = "tandem_handler";

static enum err refuse_version(const char *file, uint32_t version)
{
    return err_fail(ERR_APP,
                    "--native: %s was built for version %u of tandem/handler.h, this tandem has version %u: build it "
                    "again with this tandem's",
                    file, (unsigned)version, (unsigned)TANDEM_ABI_VERSION);
}

enum err loader_check(const char *file, const struct tandem_handler *handler)
{
    if (handler->abi_version != TANDEM_ABI_VERSION)
        return refuse_version(file, handler->abi_version);
    if (!handler->run && !handler->start)
        return err_fail(ERR_APP,
                        "--native: the handler in %s has no variant: TANDEM_HANDLER takes .run, .start or both", file);
    return ERR_OK;
}

/* Returns the ABI version of a file with unresolved symbols; 0 if the version cannot be read either. */
static uint32_t version_of(const char *path)
{
    void *opened = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    const struct tandem_handler *handler = opened ? dlsym(opened, symbol) : NULL;
    uint32_t version = handler ? handler->abi_version : 0;
    if (opened)
        (void)dlclose(opened);
    return version;
}

/* Reports that dlopen(3) failed. A file of another ABI version may use functions that this tandem lacks; then the
 * version is the reason. */
static enum err refuse(const char *file, const char *path)
{
    char reason[REASON_BYTES];
    const char *said = dlerror(); /* valid until the next call of dlopen */
    (void)snprintf(reason, sizeof reason, "%s", said ? said : "dlopen gives no reason");
    uint32_t version = version_of(path);
    if (version && version != TANDEM_ABI_VERSION)
        return refuse_version(file, version);
    return err_fail(ERR_APP, "--native: %s", reason);
}

static enum err open_path(const char *file, const char *path, const struct tandem_handler **out)
{
    void *opened = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!opened)
        return refuse(file, path);
    const struct tandem_handler *handler = dlsym(opened, symbol);
    enum err err = handler ? loader_check(file, handler)
                           : err_fail(ERR_APP,
                                      "--native: %s exports no %s: a handler defines it by TANDEM_HANDLER, of "
                                      "tandem/handler.h",
                                      file, symbol);
    if (err)
        (void)dlclose(opened);
    else
        *out = handler;
    return err;
}

enum err loader_open(const char *file, const struct tandem_handler **out)
{
    /* An absolute path: dlopen(3) looks for a name without a slash among the system's libraries. */
    char *path = realpath(file, NULL);
    if (!path)
        return err_fail(ERR_APP, "--native: %s: %s", file, strerror(errno));
    enum err err = open_path(file, path, out);
    free(path);
    return err;
}
