#include "python/wsgi/environ.h"

#include <string.h>

#include "python/app_calls.h"
#include "python/tree.h"
#include "suite.h"

static struct environs environs;

static void open_environs(void)
{
    implementations_open();
    tree_python("common = {'wsgi.version': (1, 0), 'SERVER_SOFTWARE': 'tandem'}\ninput = object()\n");
    ck_assert(environs_open(&environs, app_global("common")));
}

static void close_environs(void)
{
    environs_close(&environs);
    implementations_close();
}

/* Shows Python the request's environ as environ, and its fields as HTTP. */
static void show_of(const struct request *request)
{
    app_show("environ", environ_new(&environs, request, app_global("input")));
    tree_python("HTTP = {name: value for name, value in environ.items() if name.startswith(('HTTP_', 'CONTENT_'))}\n");
}

static void show_target(const char *target, size_t mount_bytes)
{
    struct request *request = app_request("GET", target, "");
    request->mount_bytes = mount_bytes;
    show_of(request);
    tree_python("way = environ['SCRIPT_NAME'], environ['PATH_INFO'], environ['QUERY_STRING']\n"
                "raw = environ['RAW_URI']\n");
}

static void show_fields(const char *fields)
{
    show_of(app_request("GET", "/", fields));
}

START_TEST(it_has_what_all_have_and_what_the_request_is)
{
    open_environs();
    show_of(app_request("GET", "/a?b", "Host: a\r\n"));
    tree_python("assert environ.pop('wsgi.input') is input\n"
                "assert environ == {\n"
                "    'wsgi.version': (1, 0), 'SERVER_SOFTWARE': 'tandem', 'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '',\n"
                "    'PATH_INFO': '/a', 'QUERY_STRING': 'b', 'SERVER_PROTOCOL': 'HTTP/1.1',\n"
                "    'REMOTE_ADDR': '192.0.2.7', 'REMOTE_PORT': '40000', 'SERVER_NAME': '127.0.0.1',\n"
                "    'SERVER_PORT': '8080', 'RAW_URI': '/a?b', 'HTTP_HOST': 'a'}, environ\n");
    close_environs();
}
END_TEST

START_TEST(what_one_app_does_to_it_the_next_does_not_see)
{
    open_environs();
    show_fields("");
    tree_python("environ['x'] = 1\ndel environ['wsgi.version']\nenviron['REQUEST_METHOD'] = 'PUT'\n");
    show_fields("");
    tree_python("assert 'x' not in environ and environ['REQUEST_METHOD'] == 'GET' and 'wsgi.version' in environ\n"
                "assert list(common) == ['wsgi.version', 'SERVER_SOFTWARE']\n");
    close_environs();
}
END_TEST

START_TEST(the_path_is_decoded_and_the_query_is_not)
{
    open_environs();
    show_target("/%c3%a9%2Fb/../c%20?x=%20+%zz?&%00", 0);
    tree_python("assert way == ('', '/\\xc3\\xa9/b/../c ', 'x=%20+%zz?&%00'), way\n"
                "assert raw == '/%c3%a9%2Fb/../c%20?x=%20+%zz?&%00', raw\n");
    show_target("/py-threads/app/%41", 15);
    tree_python("assert way == ('/py-threads/app', '/A', ''), way\n");
    show_target("/app?x", 4);
    tree_python("assert way == ('/app', '', 'x'), way\n");
    show_target("//a//", 0);
    tree_python("assert way == ('', '//a//', ''), way\n");
    show_target("*", 0);
    tree_python("assert way == ('', '*', ''), way\n");
    close_environs();
}
END_TEST

/* Each request has its own strings, although those of the previous request are remembered. */
START_TEST(what_is_remembered_of_one_request_is_not_the_next_one_s)
{
    static const char longest[] = "/0123456789012345678901234567890123456789012345678901234567890123456789/app";
    open_environs();
    for (unsigned i = 0; i < 4; i++) {
        show_target(longest, i % 2 ? sizeof longest - 1 : 40 + i);
        app_show("length", PyLong_FromLong(i % 2 ? (long)sizeof longest - 1 : 40 + (long)i));
        tree_python("assert len(way[0]) == length and len(way[0] + way[1]) == 75, way\n");
    }
    static const char *const methods[] = {"GET", "GETS", "GE", "POST", "GET"};
    for (unsigned i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct request *request = app_request(methods[i], "/", "");
        request->minor_version = i % 2;
        snprintf(request->peer.host, sizeof request->peer.host, "fe80::%u", i);
        request->peer.port = request->local.port = (uint16_t)(65535 - i);
        show_of(request);
        app_show("method", PyUnicode_FromString(methods[i]));
        app_show("i", PyLong_FromLong(i));
        tree_python("assert environ['REQUEST_METHOD'] == method\n"
                    "assert environ['SERVER_PROTOCOL'] == ('HTTP/1.1' if i % 2 else 'HTTP/1.0')\n"
                    "assert environ['REMOTE_ADDR'] == f'fe80::{i}' and environ['SERVER_NAME'] == '127.0.0.1'\n"
                    "assert environ['REMOTE_PORT'] == environ['SERVER_PORT'] == str(65535 - i)\n");
    }
    close_environs();
}
END_TEST

START_TEST(ports_that_share_a_slot_are_told_apart)
{
    static const uint16_t ports[] = {1, 1 + ENVIRON_PORTS, 1, 0, 65535};
    open_environs();
    for (unsigned i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        struct request *request = app_request("GET", "/", "");
        request->peer.port = ports[i];
        request->local.port = 1;
        show_of(request);
        app_show("port", PyLong_FromLong(ports[i]));
        tree_python("assert (environ['REMOTE_PORT'], environ['SERVER_PORT']) == (str(port), '1')\n");
    }
    close_environs();
}
END_TEST

START_TEST(fields_have_the_names_that_cgi_gives_them)
{
    open_environs();
    show_fields("Accept-Encoding: gzip\r\nIF-match: *\r\ncontent-TYPE: a/b\r\nContent-Length: 3\r\nX: \xe9 b\r\n"
                "Content-Type-Options: x\r\nX-Empty:\r\n!#$%&'*+.^`|~9: y\r\n");
    tree_python("assert HTTP == {\n"
                "    'HTTP_ACCEPT_ENCODING': 'gzip', 'HTTP_IF_MATCH': '*', 'CONTENT_TYPE': 'a/b',\n"
                "    'CONTENT_LENGTH': '3', 'HTTP_X': '\\xe9 b', 'HTTP_CONTENT_TYPE_OPTIONS': 'x',\n"
                "    'HTTP_X_EMPTY': '', \"HTTP_!#$%&'*+.^`|~9\": 'y'}, HTTP\n");
    close_environs();
}
END_TEST

START_TEST(fields_of_one_name_are_joined)
{
    open_environs();
    show_fields("Cookie: a=1\r\nX-A: 1\r\nx-a: \r\ncookie: b=2\r\nX-a: 3\r\nCOOKIE: c=3\r\n");
    tree_python("assert HTTP == {'HTTP_COOKIE': 'a=1; b=2; c=3', 'HTTP_X_A': '1,,3'}, HTTP\n");
    /* CPython has one object for each text of no or one character. */
    show_fields("X-A: 1\r\nX-B:\r\nX-C: 11\r\nX-A: 1\r\nX-B:\r\nX-C: 11\r\nX-A: 1\r\n");
    tree_python("assert HTTP == {'HTTP_X_A': '1,1,1', 'HTTP_X_B': ',', 'HTTP_X_C': '11,11'}, HTTP\n");
    close_environs();
}
END_TEST

/* X_Forwarded_For would pass for X-Forwarded-For, which a proxy has checked. */
START_TEST(a_name_with_an_underscore_is_dropped)
{
    open_environs();
    for (unsigned i = 0; i < 2; i++) { /* the second time, the name is remembered */
        show_fields("X_A: 1\r\n_: 2\r\nX-B: 3\r\nContent_Length: 4\r\n");
        tree_python("assert HTTP == {'HTTP_X_B': '3'}, HTTP\n");
    }
    close_environs();
}
END_TEST

/* Names up to a certain length are remembered by a hash. Each field has its own name, whatever its length. */
START_TEST(names_of_any_length_and_in_any_number)
{
    static const unsigned lengths[] = {1, 2, 37, 38, 39, 40, 41, 63, 64, 65, 255, 256, 257, 261, 1000, 15000};
    static char fields[16 * 1024];
    open_environs();
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memset(fields, 'i', lengths[i] - 1);
        snprintf(fields + lengths[i] - 1, 32, "-: %u\r\n", lengths[i]);
        show_fields(fields);
        app_show("length", PyLong_FromLong(lengths[i]));
        tree_python("assert HTTP == {'HTTP_' + 'I' * (length - 1) + '_': str(length)}, HTTP\n");
    }
    struct request *request = app_request("GET", "/", "X-0000: 0000\r\nY0-Z: 0000\r\n");
    for (unsigned i = 0; i < 3000; i++) {
        int put = snprintf(fields, sizeof fields, "X-%04u: %04u\r\nY%u-Z: %04u\r\n", i, i, i % 7, i);
        memcpy(request->head + request->fields_at, fields, (size_t)put);
        show_of(request);
        app_show("i", PyLong_FromLong(i));
        tree_python("assert HTTP == {f'HTTP_X_{i:04}': f'{i:04}', f'HTTP_Y{i % 7}_Z': f'{i:04}'}, HTTP\n");
    }
    close_environs();
}
END_TEST

/* These two names have the same place in the cache. */
START_TEST(a_name_that_begins_as_another_one_is_another)
{
    open_environs();
    for (unsigned i = 0; i < 2; i++) {
        show_fields("x-aas: 1\r\nx-aa: 2\r\n");
        tree_python("assert HTTP == {'HTTP_X_AAS': '1', 'HTTP_X_AA': '2'}, HTTP\n");
    }
    close_environs();
}
END_TEST

START_TEST(requests_leave_no_objects_behind)
{
    open_environs();
    struct request *request =
        app_request("GET", "/%41?b", "Host: of its own\r\nX-A: one\r\nX-A: two\r\nX_A: three\r\n");
    PyObject *input = PyLong_FromLong(123456);
    for (unsigned i = 0; i < 2000; i++) {
        if (i == 200)
            tree_python("import gc, sys\ngc.collect()\nblocks = sys.getallocatedblocks()\n");
        PyObject *environ = environ_new(&environs, request, input);
        ck_assert_ptr_nonnull(environ);
        Py_DECREF(environ);
    }
    tree_python("more = sys.getallocatedblocks() - blocks\nassert more < 200, more\n");
    ck_assert_int_eq(Py_REFCNT(input), 1);
    Py_DECREF(input);
    close_environs();
}
END_TEST

/* The router lets no such path through. */
START_TEST(a_path_that_cannot_be_decoded_is_an_exception)
{
    open_environs();
    ck_assert_ptr_null(environ_new(&environs, app_request("GET", "/%zz", ""), Py_None));
    app_expect_raised("ValueError: the path cannot be decoded");
    close_environs();
}
END_TEST

SUITE("environ", it_has_what_all_have_and_what_the_request_is, what_one_app_does_to_it_the_next_does_not_see,
      the_path_is_decoded_and_the_query_is_not, what_is_remembered_of_one_request_is_not_the_next_one_s,
      ports_that_share_a_slot_are_told_apart, fields_have_the_names_that_cgi_gives_them, fields_of_one_name_are_joined,
      a_name_with_an_underscore_is_dropped, names_of_any_length_and_in_any_number,
      a_name_that_begins_as_another_one_is_another, requests_leave_no_objects_behind,
      a_path_that_cannot_be_decoded_is_an_exception)
