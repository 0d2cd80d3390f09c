#include "python/app/request_path.h"

#include <string.h>

#include "python/app_calls.h"
#include "python/tree.h"
#include "suite.h"

static void show_path(const char *path, request_path_codec *codec)
{
    app_show("path", request_path_decode(path, strlen(path), codec));
}

START_TEST(it_is_as_it_was_sent_where_nothing_is_encoded)
{
    implementations_open();
    show_path("/a//b/../c;d=+", PyUnicode_DecodeUTF8);
    tree_python("assert path == '/a//b/../c;d=+', path\n");
    show_path("", PyUnicode_DecodeUTF8);
    tree_python("assert path == '', path\n");
    app_show("path", request_path_decode("/abc?d", 4, PyUnicode_DecodeUTF8));
    tree_python("assert path == '/abc', path\n");
    implementations_close();
}
END_TEST

START_TEST(each_byte_that_is_encoded_is_decoded_once)
{
    implementations_open();
    show_path("/%2F%2e%2E/a%20b%3F%25%32%35+", PyUnicode_DecodeUTF8);
    tree_python("assert path == '//../a b?%25+', path\n");
    show_path("/%c3%A9\xc3\xa9%ff", PyUnicode_DecodeUTF8);
    tree_python("assert path == '/\\xe9\\xe9\\ufffd', ascii(path)\n");
    show_path("/%c3%A9%ff", PyUnicode_DecodeLatin1);
    tree_python("assert path == '/\\xc3\\xa9\\xff', ascii(path)\n");
    implementations_close();
}
END_TEST

/* The length up to which a path is decoded on the stack is request_path.c's own business. No byte may be lost on
 * either side of it. */
START_TEST(paths_of_any_length)
{
    static char path[3 * 2000 + 1];
    implementations_open();
    for (size_t length = 1; length <= 2000; length += length < 500 || length > 520 ? 37 : 1) {
        strcpy(path, "%41");
        memset(path + 3, 'b', length - 1);
        path[3 + length - 1] = '\0';
        show_path(path, PyUnicode_DecodeUTF8);
        app_show("length", PyLong_FromSize_t(length));
        tree_python("assert path == 'A' + 'b' * (length - 1), (length, path)\n");
    }
    implementations_close();
}
END_TEST

START_TEST(what_cannot_be_decoded_is_an_exception)
{
    static const char *const paths[] = {"/%", "/%4", "/%zz", "/%00", "/a%0"};
    implementations_open();
    for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        ck_assert_msg(!request_path_decode(paths[i], strlen(paths[i]), PyUnicode_DecodeUTF8), "%s", paths[i]);
        app_expect_raised("ValueError: the path cannot be decoded");
    }
    implementations_close();
}
END_TEST

SUITE("request_path", it_is_as_it_was_sent_where_nothing_is_encoded, each_byte_that_is_encoded_is_decoded_once,
      paths_of_any_length, what_cannot_be_decoded_is_an_exception)
