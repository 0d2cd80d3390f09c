#include "python/asgi/scope.h"

#include <string.h>

#include "python/app_calls.h"
#include "python/tree.h"
#include "suite.h"

static struct scopes scopes;

static void open_scopes(void)
{
    implementations_open();
    tree_python("base = {'type': 'http', 'scheme': 'http', 'asgi': {'version': '3.0'}}\n"
                "websocket_base = {'type': 'websocket', 'scheme': 'ws', 'extensions': {'denial': {}}}\n"
                "state = {'pool': object()}\n");
    ck_assert(scopes_open(&scopes, app_global("base"), app_global("websocket_base"), app_global("state")));
}

static void close_scopes(void)
{
    scopes_close(&scopes);
    implementations_close();
}

static void show_of(const struct request *request)
{
    app_show("scope", scope_new(&scopes, request, false));
}

static void show_target(const char *target, size_t mount_bytes)
{
    struct request *request = app_request("GET", target, "");
    request->mount_bytes = mount_bytes;
    show_of(request);
    tree_python("way = scope['root_path'], scope['path'], scope['raw_path'], scope['query_string']\n");
}

START_TEST(it_has_what_all_have_and_what_the_request_is)
{
    open_scopes();
    show_of(app_request("GET", "/a?b", "Host: a\r\n"));
    tree_python(
        "assert scope == {\n"
        "    'type': 'http', 'scheme': 'http', 'asgi': {'version': '3.0'}, 'http_version': '1.1', 'method': 'GET',\n"
        "    'path': '/a',\n"
        "    'raw_path': b'/a', 'query_string': b'b', 'root_path': '', 'headers': [(b'host', b'a')],\n"
        "    'client': ('192.0.2.7', 40000), 'server': ('127.0.0.1', 8080), 'state': state}, scope\n");
    struct request *old = app_request("PATCH", "/", "");
    old->minor_version = 0;
    show_of(old);
    tree_python("assert (scope['http_version'], scope['method'], scope['headers']) == ('1.0', 'PATCH', [])\n");
    close_scopes();
}
END_TEST

START_TEST(what_one_app_does_to_it_the_next_does_not_see)
{
    open_scopes();
    struct request *request = app_request("GET", "/", "Host: a\r\n");
    show_of(request);
    tree_python("scope['x'] = 1\n"
                "scope['headers'].clear()\n"
                "scope['state']['y'] = 1\n"
                "scope['asgi']['z'] = 1\n"
                "pool = scope['state']['pool']\n");
    show_of(request);
    tree_python("assert 'x' not in scope and scope['headers'] == [(b'host', b'a')]\n"
                "assert list(scope['state']) == ['pool'] and scope['state']['pool'] is pool is state['pool']\n"
                "assert scope['asgi'] == {'version': '3.0'} == base['asgi'] and scope['asgi'] is not base['asgi']\n"
                "assert list(state) == ['pool'] and list(base) == ['type', 'scheme', 'asgi']\n");
    close_scopes();
}
END_TEST

START_TEST(nor_what_it_does_to_a_dict_within_a_dict)
{
    open_scopes();
    struct request *request = app_request("GET", "/", "Host: a\r\n");
    for (unsigned i = 0; i < 2; i++) {
        app_show("scope", scope_new(&scopes, request, true));
        tree_python("assert scope['extensions'] == {'denial': {}}, scope\n"
                    "scope['extensions']['denial']['x'] = scope['extensions']['y'] = 1\n");
    }
    tree_python("assert websocket_base['extensions'] == {'denial': {}}, websocket_base\n");
    close_scopes();
}
END_TEST

START_TEST(the_path_is_utf_8_and_the_rest_is_as_it_was_sent)
{
    open_scopes();
    show_target("/%c3%a9%2Fb%ff/../c%20?x=%20+%zz?&%00", 0);
    tree_python("assert way == ('', '/\\xe9/b\\ufffd/../c ', b'/%c3%a9%2Fb%ff/../c%20', b'x=%20+%zz?&%00'), way\n");
    show_target("/py-asyncio/app/%41?", 15);
    tree_python("assert way == ('/py-asyncio/app', '/py-asyncio/app/A', b'/py-asyncio/app/%41', b''), way\n");
    show_target("//a//", 0);
    tree_python("assert way == ('', '//a//', b'//a//', b''), way\n");
    show_target("*", 0);
    tree_python("assert way == ('', '*', b'*', b''), way\n");
    close_scopes();
}
END_TEST

START_TEST(headers_are_pairs_of_bytes_in_their_order)
{
    open_scopes();
    for (unsigned i = 0; i < 2; i++) { /* the second time, the names are remembered */
        show_of(
            app_request("GET", "/", "X-A: 1\r\nCOOKIE: a=1\r\nx_a: \xe9\r\nX-A:\r\ncookie:\t b  \r\nIf-Match: *\r\n"));
        tree_python("assert scope['headers'] == [(b'x-a', b'1'), (b'cookie', b'a=1'), (b'x_a', b'\\xe9'),\n"
                    "    (b'x-a', b''), (b'cookie', b'b'), (b'if-match', b'*')], scope['headers']\n");
    }
    close_scopes();
}
END_TEST

/* Clients choose the names. Not all are remembered, and the others must work as well. */
START_TEST(names_in_any_number)
{
    static char fields[64 * 1024];
    open_scopes();
    size_t put = 0;
    for (unsigned i = 0; i < 3000; i++)
        put += (size_t)snprintf(fields + put, sizeof fields - put, "N-%u: %u\r\n", i, i);
    for (unsigned round = 0; round < 2; round++) {
        show_of(app_request("GET", "/", fields));
        tree_python("assert scope['headers'] == [(b'n-%d' % i, b'%d' % i) for i in range(3000)]\n");
    }
    close_scopes();
}
END_TEST

START_TEST(requests_leave_no_objects_behind)
{
    open_scopes();
    struct request *request = app_request("GET", "/%41?b", "Host: of its own\r\nX-A: one\r\n");
    for (unsigned i = 0; i < 2000; i++) {
        if (i == 200)
            tree_python("import gc, sys\ngc.collect()\nblocks = sys.getallocatedblocks()\n");
        PyObject *scope = scope_new(&scopes, request, false);
        ck_assert_ptr_nonnull(scope);
        Py_DECREF(scope);
    }
    tree_python("more = sys.getallocatedblocks() - blocks\nassert more < 200, more\n");
    close_scopes();
}
END_TEST

/* The router lets no such path through. */
START_TEST(a_path_that_cannot_be_decoded_is_an_exception)
{
    open_scopes();
    ck_assert_ptr_null(scope_new(&scopes, app_request("GET", "/%0", ""), false));
    app_expect_raised("ValueError: the path cannot be decoded");
    close_scopes();
}
END_TEST

SUITE("scope", it_has_what_all_have_and_what_the_request_is, what_one_app_does_to_it_the_next_does_not_see,
      nor_what_it_does_to_a_dict_within_a_dict, the_path_is_utf_8_and_the_rest_is_as_it_was_sent,
      headers_are_pairs_of_bytes_in_their_order, names_in_any_number, requests_leave_no_objects_behind,
      a_path_that_cannot_be_decoded_is_an_exception)
