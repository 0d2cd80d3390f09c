#include "http/connection/transition.h"

#include "base/check.h"

#define TO(state) (1U << (state))

/* The states that may follow each state, one bit each. */
static const unsigned next_inputs[INPUT_COUNT] = {
    [INPUT_OPEN] = TO(INPUT_PAUSED) | TO(INPUT_UNTHROTTLED) | TO(INPUT_UPGRADING) | TO(INPUT_CUT) | TO(INPUT_REFUSED) |
                   TO(INPUT_ENDED) | TO(INPUT_CLOSING),
    [INPUT_PAUSED] = TO(INPUT_OPEN) | TO(INPUT_UNTHROTTLED) | TO(INPUT_CUT) | TO(INPUT_REFUSED) | TO(INPUT_CLOSING),
    [INPUT_UNTHROTTLED] = TO(INPUT_OPEN) | TO(INPUT_REFUSED) | TO(INPUT_ENDED) | TO(INPUT_CLOSING),
    [INPUT_UPGRADING] = TO(INPUT_OPEN) | TO(INPUT_REFUSED) | TO(INPUT_CLOSING),
    [INPUT_CUT] = TO(INPUT_CLOSING),
    [INPUT_REFUSED] = TO(INPUT_CLOSING),
    [INPUT_ENDED] = TO(INPUT_CUT) | TO(INPUT_CLOSING),
    [INPUT_CLOSING] = 0,
};

static const unsigned next_stages[STAGE_COUNT] = {
    [STAGE_NONE] = TO(STAGE_READING),
    [STAGE_READING] = TO(STAGE_PENDING) | TO(STAGE_ANSWERED) | TO(STAGE_NONE),
    [STAGE_PENDING] = TO(STAGE_SUSPENDED) | TO(STAGE_ANSWERED) | TO(STAGE_NONE),
    [STAGE_SUSPENDED] = TO(STAGE_ANSWERED) | TO(STAGE_LEFT),
    [STAGE_ANSWERED] = TO(STAGE_WRITING) | TO(STAGE_NONE),
    [STAGE_WRITING] = TO(STAGE_SENT) | TO(STAGE_BROKEN),
    [STAGE_SENT] = TO(STAGE_NONE),
    [STAGE_BROKEN] = TO(STAGE_NONE),
    [STAGE_LEFT] = TO(STAGE_NONE),
};

bool transition_allows_input(enum input from, enum input to)
{
    return next_inputs[from] & TO(to);
}

bool transition_allows_stage(enum stage from, enum stage to)
{
    return next_stages[from] & TO(to);
}

void transition_input(struct connection *connection, enum input to)
{
    CHECK(transition_allows_input(connection->input, to));
    connection->input = to;
}

void transition_stage(struct connection *connection, enum stage to)
{
    CHECK(transition_allows_stage(connection->stage, to));
    connection->stage = to;
}
