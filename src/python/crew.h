/* A crew: the threads of a model that runs the blocking Python form, and the hand-off that feeds them (core/handoff.h).
 *
 * Each thread makes its thread state once and keeps it: in the main interpreter, or in a subinterpreter of its own. It
 * takes its GIL when it is woken and keeps it as long as there is work. */
#ifndef TANDEM_PYTHON_CREW_H
#define TANDEM_PYTHON_CREW_H

#include "core/model.h"

enum crew_kind {
    CREW_OF_MAIN,            /* all in the main interpreter, under its GIL */
    CREW_OF_SUBINTERPRETERS, /* each in one of its own, with a GIL of its own */
};

/* The functions of model_ops for such a model; model->own is the crew. */
WARN_UNUSED enum err crew_start(struct model *model, enum crew_kind kind);
WARN_UNUSED enum err crew_submit(struct model *model, struct request *request);
void crew_flush(struct model *model, struct loop *loop);
void crew_stop(struct model *model);

#endif
