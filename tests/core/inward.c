#include "core/inward.h"

#include "assertions.h"

bool inward_put(struct pipe *pipe, const char *bytes, size_t length)
{
    struct buf piece = {0};
    ck_assert_int_eq(buf_append(&piece, bytes, length), ERR_OK);
    bool room = pipe_put(pipe, &piece);
    ck_assert_uint_eq(piece.length, 0);
    buf_free(&piece);
    return room;
}
