#include "bench/load/open_loop/response.h"

#include <string.h>

#include "suite.h"

static struct response response;

/* Feeds the text in pieces of this many bytes, until it is broken or all is fed. Returns the last result. */
static enum response_progress feed(const char *text, size_t piece)
{
    size_t length = strlen(text);
    enum response_progress progress = RESPONSE_MORE;
    response_reset(&response);
    for (size_t at = 0; at < length && progress != RESPONSE_BROKEN; at += piece)
        progress = response_feed(&response, text + at, length - at < piece ? length - at : piece);
    return progress;
}

static void assert_whole(const char *text, int status, bool keep_alive)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        ck_assert_msg(feed(text, piece) == RESPONSE_DONE, "not whole in pieces of %zu: %s", piece, text);
        ck_assert_int_eq(response.status, status);
        ck_assert_int_eq(response.keep_alive, keep_alive);
    }
    for (size_t length = 0; length < strlen(text); length++) {
        response_reset(&response);
        ck_assert_msg(response_feed(&response, text, length) == RESPONSE_MORE, "not unfinished at %zu: %s", length,
                      text);
    }
}

START_TEST(a_length)
{
    assert_whole("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello", 200, true);
    assert_whole("HTTP/1.1 503 Service Unavailable\r\ncontent-length:\t2 \r\n\r\nno", 503, true);
    assert_whole("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, true);
}
END_TEST

START_TEST(chunks)
{
    assert_whole(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n"
        "0\r\n\r\n",
        200, true);
    assert_whole("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\n", 200, true);
}
END_TEST

START_TEST(statuses_without_a_body)
{
    assert_whole("HTTP/1.1 204 No Content\r\n\r\n", 204, true);
    assert_whole("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, true);
}
END_TEST

START_TEST(whether_the_connection_stays)
{
    assert_whole("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 200, false);
    assert_whole("HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", 200, true);
    assert_whole("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, false);
    assert_whole("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 200, true);
}
END_TEST

START_TEST(one_after_the_other)
{
    const char *text = "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    ck_assert_int_eq(feed(text, 1000), RESPONSE_DONE);
    assert_whole("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, true);
}
END_TEST

START_TEST(what_is_not_understood_is_broken)
{
    static const char *const broken[] = {
        "\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        for (size_t piece = 1; piece <= strlen(broken[i]); piece++)
            ck_assert_msg(feed(broken[i], piece) == RESPONSE_BROKEN, "not broken in pieces of %zu: %s", piece,
                          broken[i]);
}
END_TEST

START_TEST(a_head_without_an_end_is_broken_when_there_is_no_more_room)
{
    static char head[RESPONSE_HEAD_BYTES + 1];
    memset(head, 'x', sizeof head);
    response_reset(&response);
    ck_assert_int_eq(response_feed(&response, head, RESPONSE_HEAD_BYTES), RESPONSE_MORE);
    ck_assert_int_eq(response_feed(&response, head, 1), RESPONSE_BROKEN);
}
END_TEST

SUITE("response", a_length, chunks, statuses_without_a_body, whether_the_connection_stays, one_after_the_other,
      what_is_not_understood_is_broken, a_head_without_an_end_is_broken_when_there_is_no_more_room)
