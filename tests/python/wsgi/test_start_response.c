#include <string.h>

#include "python/responses.h"
#include "python/tree.h"
#include "suite.h"

static void open_start(void)
{
    responses_open("GET");
    tree_python("import sys\n"
                "def refused(error, text, *arguments, **named):\n"
                "    try:\n"
                "        start(*arguments, **named)\n"
                "    except error as raised:\n"
                "        assert text in str(raised), raised\n"
                "    else:\n"
                "        raise AssertionError((arguments, named))\n"
                "def failed():\n"
                "    try:\n"
                "        raise KeyError('why')\n"
                "    except KeyError:\n"
                "        return sys.exc_info()\n");
}

/* Sends a body, and checks the reply's head. */
static void expect_head(unsigned status, const char *fields)
{
    ck_assert(wsgi_response_send(response, NULL, 0));
    app_expect_reply(request, status, "", fields);
}

START_TEST(status_and_headers_are_taken)
{
    open_start();
    tree_python("assert callable(start('418 I am\\x85 a teapot', [('X-A', '1'), ('x-a', ''), ('X-B', '\\xe9')]))\n");
    expect_head(418, "X-A=1;x-a=;X-B=\xe9;");
    responses_close();
}
END_TEST

START_TEST(a_status_may_be_without_a_reason)
{
    open_start();
    tree_python("start('599', [])\n");
    expect_head(599, "");
    responses_close();
}
END_TEST

/* For example, values of an enum.StrEnum, and MarkupSafe's, are such strings. */
START_TEST(subclasses_of_str_and_of_the_rest_are_as_good)
{
    open_start();
    tree_python("class Text(str):\n    pass\n"
                "class Pair(tuple):\n    pass\n"
                "class Headers(list):\n    pass\n"
                "start(Text('200 OK'), Headers([Pair((Text('X-A'), Text('1')))]))\n");
    expect_head(200, "X-A=1;");
    responses_close();
}
END_TEST

START_TEST(what_is_no_status_is_refused)
{
    open_start();
    tree_python(
        "for wrong in ('', '2', '20', '2000', '20x', 'OK', ' 200', '200OK', '-20', '199 x', '100 Continue', '600',\n"
        "              '\\u0662\\u0660\\u0660', '200\\x00', '2e2', '1' * 1000):\n"
        "    refused(ValueError, 'is not a status from 200 to 599 and a reason', wrong, [])\n"
        "for wrong in (200, b'200 OK', None, 200.0):\n"
        "    refused(TypeError, 'start_response: the status is a str', wrong, [])\n"
        "refused(UnicodeEncodeError, 'surrogates', '200 \\ud800', [])\n"
        "start('200 OK', [])\n");
    expect_head(200, "");
    responses_close();
}
END_TEST

START_TEST(what_are_no_headers_is_refused_as_a_whole)
{
    open_start();
    tree_python(
        "kept = ('X-Kept', '1')\n"
        "for wrong in ((kept,), iter([kept]), {'X-Kept': '1'}, None, 'text'):\n"
        "    refused(TypeError, 'the headers are a list of (name, value)', '200 OK', wrong)\n"
        "for wrong in (['X-A', '1'], ('X-A',), ('X-A', '1', '2'), 'ab', None):\n"
        "    refused(TypeError, 'the headers are a list of (name, value)', '200 OK', [kept, wrong])\n"
        "for wrong in ((b'X-A', '1'), ('X-A', b'1'), ('X-A', 1), ('X-A', None)):\n"
        "    refused(TypeError, 'the names and values of headers are str', '200 OK', [kept, wrong])\n"
        "for wrong in (('X-A', '\\u20ac'), ('X-\\u20ac', '1'), ('X-A', '\\ud800')):\n"
        "    refused(ValueError, 'is not latin-1', '200 OK', [kept, wrong])\n"
        "for wrong in (('X A', '1'), ('', '1'), ('X-A', '1\\r\\nX-B: 2'), ('X-A', 'a\\0b'), ('X-\\xe9', '1')):\n"
        "    refused(ValueError, 'is no header', '200 OK', [kept, wrong])\n"
        "for wrong in ('-1', '', '1 ', '1.5', 'x'):\n"
        "    refused(ValueError, 'Content-Length is not a whole number', '200 OK', [kept, ('Content-Length', wrong)])\n"
        "twice = [('Content-Length', '1'), ('Content-Length', '2')]\n"
        "refused(ValueError, 'Content-Length is given twice', '200 OK', [kept, *twice])\n");
    ck_assert_uint_eq(response->head.status, 0);
    tree_python("start('200 OK', [])\n");
    expect_head(200, "");
    responses_close();
}
END_TEST

START_TEST(its_arguments_are_those_of_the_pep)
{
    open_start();
    tree_python("for arguments, named in (((), {}), (('200 OK',), {}), (('200 OK', [], None, None), {}),\n"
                "                         (('200 OK', []), {'exc': None}), (('200 OK',), {'headers': []}),\n"
                "                         (('200 OK', [], None), {'exc_info': None}),\n"
                "                         ((), {'status': '200 OK', 'headers': []})):\n"
                "    refused(TypeError, 'start_response(status, headers, exc_info=None)', *arguments, **named)\n"
                "start(*('200 OK', []), **{'exc_info': None})\n");
    expect_head(200, "");
    responses_close();
}
END_TEST

START_TEST(twice_is_once_too_often)
{
    open_start();
    tree_python("start('200 OK', [('X-A', '1')])\n"
                "refused(RuntimeError, 'was called twice without exc_info', '201', [])\n"
                "refused(RuntimeError, 'was called twice without exc_info', '201', [], None)\n");
    expect_head(200, "X-A=1;");
    responses_close();
}
END_TEST

START_TEST(an_error_before_anything_is_out_replaces_the_head)
{
    open_start();
    tree_python("start('200 OK', [('X-A', '1'), ('Content-Length', '3')])\n"
                "start('500 Oh', [('X-B', '1')], failed())\n"
                "start('501 No', [('X-C', '1')], exc_info=failed())\n");
    expect_head(501, "X-C=1;");
    responses_close();
}
END_TEST

START_TEST(an_error_may_be_the_first)
{
    open_start();
    tree_python("start('500 Oh', [], failed())\n");
    expect_head(500, "");
    responses_close();
}
END_TEST

START_TEST(an_error_when_something_is_out_is_raised_again)
{
    open_start();
    tree_python("start('200 OK', [])(b'out')\n"
                "info = failed()\n"
                "before = sys.getrefcount(info[1])\n"
                "for _ in range(3):\n"
                "    try:\n"
                "        start('500 Oh', [], info)\n"
                "    except KeyError as error:\n"
                "        assert error is info[1]\n"
                "    else:\n"
                "        raise AssertionError\n"
                "assert sys.getrefcount(info[1]) == before\n");
    wsgi_response_end(response, true);
    app_take_back(1);
    responses_close();
}
END_TEST

START_TEST(what_is_no_exc_info_is_refused)
{
    open_start();
    tree_python("for wrong in (1, (), (None, None), KeyError('x'), [None, None, None]):\n"
                "    refused(TypeError, 'exc_info is what sys.exc_info() returns', '500 Oh', [], wrong)\n"
                "start('200 OK', [])(b'out')\n"
                "for wrong in ((None, None, None), (KeyError, KeyError, None), (1, 2, 3)):\n"
                "    refused(TypeError, 'exc_info has no exception', '500 Oh', [], wrong)\n");
    wsgi_response_end(response, true);
    app_take_back(1);
    responses_close();
}
END_TEST

START_TEST(after_its_request_it_raises)
{
    open_start();
    tree_python("write = start('200 OK', [])\n");
    struct wsgi_response *spare = NULL;
    Py_INCREF(response);
    wsgi_response_close(response, &spare);
    ck_assert_ptr_null(spare);
    tree_python("refused(RuntimeError, 'start_response: the request is over', '200 OK', [])\n"
                "refused(KeyError, 'why', '200 OK', [], failed())\n"
                "try:\n"
                "    write(b'x')\n"
                "except RuntimeError as error:\n"
                "    assert 'write: the request is over' in str(error)\n"
                "else:\n"
                "    raise AssertionError\n"
                "write = None\n");
    responses_close();
}
END_TEST

SUITE("start_response", status_and_headers_are_taken, a_status_may_be_without_a_reason,
      subclasses_of_str_and_of_the_rest_are_as_good, what_is_no_status_is_refused,
      what_are_no_headers_is_refused_as_a_whole, its_arguments_are_those_of_the_pep, twice_is_once_too_often,
      an_error_before_anything_is_out_replaces_the_head, an_error_may_be_the_first,
      an_error_when_something_is_out_is_raised_again, what_is_no_exc_info_is_refused, after_its_request_it_raises)
