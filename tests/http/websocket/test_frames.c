#include "http/websocket/frames.h"

#include <string.h>

#include "suite.h"

static struct frames frames;

static void open_frames(void)
{
    frames = (struct frames){0};
    ck_assert_int_eq(frames_open(&frames), ERR_OK);
}

static struct piece read_piece(void)
{
    struct piece piece;
    ck_assert_int_eq(frames_read(&frames, &piece), FRAMES_PIECE);
    return piece;
}

static void give(const char *bytes, size_t length)
{
    frames.in = bytes;
    frames.in_bytes = length;
}

static void expect_nothing_yet(void)
{
    struct piece piece;
    ck_assert_int_eq(frames_read(&frames, &piece), FRAMES_NOTHING_YET);
    ck_assert_uint_eq(frames.in_bytes, 0);
}

START_TEST(a_frame_comes_in_pieces_as_its_bytes_do)
{
    /* RFC 6455, 5.7: "Hello", masked. */
    static const char hello[] = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    open_frames();
    give(hello, 4);
    expect_nothing_yet();
    give(hello + 4, 4);
    struct piece piece = read_piece();
    ck_assert(piece.begins && !piece.ends && piece.final && piece.right);
    ck_assert_uint_eq(piece.opcode, WSLAY_TEXT_FRAME);
    ck_assert_uint_eq(piece.frame_bytes, 5);
    ck_assert_uint_eq(piece.length, 2);
    ck_assert_mem_eq(piece.bytes, "He", 2);
    expect_nothing_yet();
    give(hello + 8, 3);
    piece = read_piece();
    ck_assert(!piece.begins && piece.ends);
    ck_assert_uint_eq(piece.length, 3);
    ck_assert_mem_eq(piece.bytes, "llo", 3);
    expect_nothing_yet();
    frames_close(&frames);
}
END_TEST

START_TEST(frames_without_a_mask_or_with_reserved_bits_are_not_right)
{
    open_frames();
    give("\x81\x01x\xc1\x81\0\0\0\0y\x89\x80\0\0\0\0", 16);
    ck_assert(!read_piece().right);
    ck_assert(!read_piece().right);
    struct piece piece = read_piece();
    ck_assert(piece.right && piece.begins && piece.ends);
    ck_assert_uint_eq(piece.opcode, WSLAY_PING);
    ck_assert_uint_eq(piece.length, 0);
    expect_nothing_yet();
    frames_close(&frames);
}
END_TEST

START_TEST(what_cannot_be_a_frame)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        {"\x09\x80\0\0\0\0", 6},               /* a fragmented ping */
        {"\x89\xfe\0\x7e\0\0\0\0", 8},         /* a ping that is too long */
        {"\x82\xfe\0\x7d\0\0\0\0", 8},         /* a length in two bytes that fits in one */
        {"\x82\xff\0\0\0\0\0\0\xff\xff", 10},  /* a length in eight bytes that fits in two */
        {"\x82\xff\x80\0\0\0\0\0\0\0\0\0", 12} /* a length of 64 bits */
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct piece piece;
        open_frames();
        give(cases[i].bytes, cases[i].length);
        ck_assert_int_eq(frames_read(&frames, &piece), FRAMES_MALFORMED);
        frames_close(&frames);
    }
}
END_TEST

START_TEST(frames_are_written_behind_one_another)
{
    static const char expected[] = "\x01\x03Hel\x80\x02lo\x8a\x00\x82\x7e\x01\x00";
    static const char bytes[256];
    open_frames();
    ck_assert_int_eq(frames_write(&frames, WSLAY_TEXT_FRAME, false, "Hel", 3), ERR_OK);
    ck_assert_int_eq(frames_write(&frames, WSLAY_CONTINUATION_FRAME, true, "lo", 2), ERR_OK);
    ck_assert_int_eq(frames_write(&frames, WSLAY_PONG, true, NULL, 0), ERR_OK);
    ck_assert_int_eq(frames_write(&frames, WSLAY_BINARY_FRAME, true, bytes, sizeof bytes), ERR_OK);
    ck_assert_uint_eq(frames.out.length, sizeof expected - 1 + sizeof bytes);
    ck_assert_mem_eq(frames.out.bytes, expected, sizeof expected - 1);
    frames_close(&frames);
}
END_TEST

SUITE("frames", a_frame_comes_in_pieces_as_its_bytes_do, frames_without_a_mask_or_with_reserved_bits_are_not_right,
      what_cannot_be_a_frame, frames_are_written_behind_one_another)
