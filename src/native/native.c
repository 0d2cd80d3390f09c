#include "native/native.h"

#include "base/fork.h"
#include "base/log.h"
#include "native/call.h"
#include "native/loader.h"

static const struct tandem_handler *handler;

static void run(struct request *request)
{
    struct tandem_request *call = call_begin(request, false);
    if (!call)
        return;
    handler->run(call);
    call_end(call);
}

static void start(struct request *request)
{
    struct tandem_request *call = call_begin(request, true);
    if (!call) {
        request_done(request);
        return;
    }
    handler->start(call);
    if (fork_is_child())
        fork_end_child("has returned to the server");
}

static void cancel(struct request *request)
{
    struct tandem_request *call = request->state;
    if (handler->cancel && !atomic_load(&call->done))
        handler->cancel(call);
}

struct workload native_workload = {.name = "native", .python = PYTHON_NOT, .is_mount = true, .cancel = cancel};

void native_use(const struct tandem_handler *used)
{
    handler = used;
    native_workload.run = handler->run ? run : NULL;
    native_workload.start = handler->start ? start : NULL;
}

enum err native_load(const char *file)
{
    const struct tandem_handler *loaded;
    enum err err = loader_open(file, &loaded);
    if (!err)
        native_use(loaded);
    return err;
}

enum err native_setup(const char *file)
{
    const char *reason = handler->setup ? handler->setup() : NULL;
    if (fork_is_child())
        fork_end_child("has returned from the setup");
    return reason ? err_fail(ERR_APP, "--native: %s is not ready: %s", file, reason) : ERR_OK;
}

static void close_left_open(uv_handle_t *handle, void *context)
{
    const struct loop *loop = context;
    if (uv_is_closing(handle) || handle == (const uv_handle_t *)&loop->wake ||
        handle == (const uv_handle_t *)&loop->delay_timer)
        return;
    log_error("--native: the handler left a uv_%s_t open on loop %u: its teardown is to close it",
              uv_handle_type_name(handle->type), loop->id);
    uv_close(handle, NULL);
}

void native_teardown(struct loop *const *loops, unsigned loop_count)
{
    if (handler->teardown)
        handler->teardown();
    for (unsigned i = 0; i < loop_count; i++)
        uv_walk(&loops[i]->uv, close_left_open, loops[i]);
}
