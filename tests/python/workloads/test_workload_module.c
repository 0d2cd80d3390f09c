#include "python/workloads/workload_module.h"

#include <string.h>

#include "base/clock.h"
#include "captured_log.h"
#include "python/implementations.h"
#include "python/tree.h"
#include "suite.h"

/* An implementation that answers with its arguments. */
static const char mirror[] = "def run(*arguments):\n    return 'a/b', ascii(arguments).encode()\n";

START_TEST(numbers_come_as_int_in_the_order_of_their_declaration)
{
    implementations_open();
    struct workload *workload = implementation("numbers", mirror);
    workload->params[0] = (struct param){.name = "z", .min = 0, .max = 10};
    workload->params[1] = (struct param){.name = "a", .min = 0, .max = 10};
    struct request *request = implementation_request(workload);
    request->params[0] = -9007199254740993;
    request->params[1] = 5;
    blocking_call(implementations_thread, request, 1);
    variants_expect(request, 200, "a/b", "(-9007199254740993, 5)");
    ck_assert_int_eq(request->reply.refusal, REFUSED_NOT);
    implementations_close();
}
END_TEST

START_TEST(choices_come_as_str)
{
    implementations_open();
    struct workload *workload = implementation("choices", mirror);
    workload->params[0] = (struct param){.name = "size", .choices = {"small", "l\xc3\xa4rge"}};
    workload->params[1] = (struct param){.name = "n", .max = 10};
    struct request *request = implementation_request(workload);
    request->params[0] = 1;
    blocking_call(implementations_thread, request, 1);
    variants_expect(request, 200, "a/b", "('l\\xe4rge', 0)");
    variants_expect(implementation_call(workload), 200, "a/b", "('small', 0)");
    implementations_close();
}
END_TEST

START_TEST(without_parameters_there_are_no_arguments)
{
    implementations_open();
    variants_expect(implementation_call(implementation("none", mirror)), 200, "a/b", "()");
    implementations_close();
}
END_TEST

START_TEST(a_body_comes_as_bytes_with_its_type_as_latin_1)
{
    implementations_open();
    struct workload *workload = implementation("body", mirror);
    workload->takes_body = true;
    struct request *request = implementation_request(workload);
    ck_assert_int_eq(request_body_append(request, "x\0\xff", 3), ERR_OK);
    request->content_type = "text/\xe9";
    blocking_call(implementations_thread, request, 1);
    variants_expect(request, 200, "a/b", "(b'x\\x00\\xff', 'text/\\xe9')");
    variants_expect(implementation_call(workload), 200, "a/b", "(b'', None)");
    implementations_close();
}
END_TEST

START_TEST(a_body_and_its_type_come_back_as_they_are)
{
    static const char bytes[] = "\0\xff\r\n\0";
    implementations_open();
    struct workload *workload = implementation("echo", "def run(body, content_type):\n    return content_type, body\n");
    workload->takes_body = true;
    struct request *request = implementation_request(workload);
    ck_assert_int_eq(request_body_append(request, bytes, sizeof bytes), ERR_OK);
    request->content_type = "text/\xe9";
    blocking_call(implementations_thread, request, 1);
    ck_assert_uint_eq(request->reply.body_bytes, sizeof bytes);
    ck_assert_mem_eq(request->reply.body, bytes, sizeof bytes);
    ck_assert_str_eq(request->reply.type, "text/\xe9");
    implementations_close();
}
END_TEST

/* The type and the body must be copies: Python's own objects are gone before the test reads them. */
START_TEST(an_answer_may_be_empty_or_large)
{
    char type[301];
    implementations_open();
    variants_expect(implementation_call(implementation("empty", "def run():\n    return '', b''\n")), 200, "", "");
    struct request *request = implementation_call(
        implementation("large", "def run():\n    return 't' * 300, bytes(i % 251 for i in range(1 << 20))\n"));
    tree_python("import gc, sys\ndel sys.modules['tandem.workloads.large']\ngc.collect()\n");
    memset(type, 't', 300);
    type[300] = '\0';
    ck_assert_str_eq(request->reply.type, type);
    ck_assert_uint_eq(request->reply.body_bytes, 1 << 20);
    for (unsigned i = 0; i < 1 << 20; i++)
        if ((unsigned char)request->reply.body[i] != i % 251)
            ck_abort_msg("byte %u", i);
    implementations_close();
}
END_TEST

START_TEST(an_implementation_is_imported_when_it_is_first_asked_for_and_once)
{
    implementations_open();
    struct workload *workload = implementation("counted", "import tandem\n"
                                                          "tandem.imports = getattr(tandem, 'imports', 0) + 1\n"
                                                          "def run():\n"
                                                          "    return 'a/b', b'%d' % tandem.imports\n");
    tree_python("assert 'tandem.workloads.counted' not in sys.modules\n");
    variants_expect(implementation_call(workload), 200, "a/b", "1");
    tree_python("del sys.modules['tandem.workloads.counted']\n");
    variants_expect(implementation_call(workload), 200, "a/b", "1");
    implementations_close();
}
END_TEST

START_TEST(after_an_unload_they_are_imported_again)
{
    implementations_open();
    struct workload *works = implementation("works", "def run():\n    return 'a/b', b'1'\n");
    struct workload *refused = implementation("refused", "raise ImportError\n");
    implementation_call(works);
    implementation_call(refused);
    tree_python("run = sys.modules['tandem.workloads.works'].run\nkept = sys.getrefcount(run)\n");
    workload_module_unload(implementations_thread->calls);
    tree_python("assert sys.getrefcount(run) == kept - 1\ndel sys.modules['tandem.workloads.works']\n");
    implementation("works", "def run():\n    return 'a/b', b'2'\n");
    implementation("refused", "def run():\n    return 'a/b', b'3'\n");
    variants_expect(implementation_call(works), 200, "a/b", "2");
    variants_expect(implementation_call(refused), 200, "a/b", "3");
    implementations_close();
}
END_TEST

static PyObject *wait_a_little(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    counter_add(&implementations_thread->account.wait_ns, 7000);
    return Py_BuildValue("sy", "a/b", "waited");
}

/* The test itself adds the waits for the GIL to the account, as if the thread had waited. */
START_TEST(a_request_has_its_timestamps_and_its_waits)
{
    static PyMethodDef definition = {"run", wait_a_little, METH_NOARGS, NULL};
    implementations_open();
    struct workload *workload = implementation("waits", NULL);
    counter_add(&implementations_thread->account.wait_ns, 100000); /* an earlier wait, not this request's */
    implementations_thread->calls->blocking[0].variant = PyCFunction_New(&definition, NULL);
    struct request *request = implementation_request(workload);
    request->gil_ns = 500;
    uint64_t before_ns = clock_ns();
    blocking_call(implementations_thread, request, before_ns - 5);
    variants_expect(request, 200, "a/b", "waited");
    ck_assert_uint_eq(request->started_ns, before_ns - 5);
    ck_assert_uint_ge(request->finished_ns, before_ns);
    ck_assert_uint_le(request->finished_ns, clock_ns());
    ck_assert_uint_eq(request->gil_ns, 7500);
    implementations_close();
}
END_TEST

START_TEST(calls_leave_no_objects_behind)
{
    implementations_open();
    struct workload *good = implementation("good", mirror), *body = implementation("body", mirror);
    struct workload *bad = implementation("bad", "def run(*arguments):\n    return [object(), arguments]\n");
    good->params[0] = bad->params[0] = (struct param){.name = "n", .min = 0, .max = 10};
    good->params[1] = bad->params[1] = (struct param){.name = "size", .choices = {"a choice of its own"}};
    body->takes_body = true;
    const struct workload *const each[] = {good, bad, body};
    struct request *request = implementation_request(good);
    ck_assert_int_eq(request_body_append(request, "bytes", 5), ERR_OK);
    request->content_type = "text/of-its-own";
    request->params[0] = 1000000;
    captured_log_begin();
    for (unsigned i = 0; i < 3000; i++) {
        if (i == 300)
            tree_python("import gc\ngc.collect()\nblocks = sys.getallocatedblocks()\n");
        request->workload = each[i % 3];
        request->workload_index = (unsigned)(each[i % 3] - good);
        blocking_call(implementations_thread, request, 1);
    }
    captured_log_end();
    /* Python's own caches grow a little. One leaked object per call of one kind would be 900 objects. */
    tree_python("gc.collect()\n"
                "more = sys.getallocatedblocks() - blocks\n"
                "assert more < 300, more\n");
    implementations_close();
}
END_TEST

SUITE("workload_module", numbers_come_as_int_in_the_order_of_their_declaration, choices_come_as_str,
      without_parameters_there_are_no_arguments, a_body_comes_as_bytes_with_its_type_as_latin_1,
      a_body_and_its_type_come_back_as_they_are, an_answer_may_be_empty_or_large,
      an_implementation_is_imported_when_it_is_first_asked_for_and_once, after_an_unload_they_are_imported_again,
      a_request_has_its_timestamps_and_its_waits, calls_leave_no_objects_behind)
