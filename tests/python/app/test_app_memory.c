/* Python's memory runs out at each allocation in turn. The result must be an exception, and never the end of the
 * server. */
#include "python/app_calls.h"
#include "python/asgi/scope.h"
#include "python/tree.h"
#include "python/wsgi/environ.h"
#include "python/wsgi/input.h"
#include "suite.h"

enum { ALLOCATIONS_MAX = 3000 };

static PyMemAllocatorEx real[2];
static const PyMemAllocatorDomain domains[2] = {PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};
static long left = -1; /* allocations that still succeed; below 0: all */
static bool for_ever;  /* all allocations after the first failed one fail, too */
static bool ran_out;

static bool is_there(void)
{
    if (left < 0)
        return true;
    if (left > 0) {
        left--;
        return true;
    }
    ran_out = true;
    if (!for_ever)
        left = -1;
    return false;
}

static void *on_malloc(void *context, size_t size)
{
    const PyMemAllocatorEx *own = context;
    return is_there() ? own->malloc(own->ctx, size) : NULL;
}

static void *on_calloc(void *context, size_t count, size_t size)
{
    const PyMemAllocatorEx *own = context;
    return is_there() ? own->calloc(own->ctx, count, size) : NULL;
}

static void *on_realloc(void *context, void *memory, size_t size)
{
    const PyMemAllocatorEx *own = context;
    return is_there() ? own->realloc(own->ctx, memory, size) : NULL;
}

static void on_free(void *context, void *memory)
{
    const PyMemAllocatorEx *own = context;
    own->free(own->ctx, memory);
}

static void watch_memory(void)
{
    for (unsigned i = 0; i < 2; i++) {
        PyMem_GetAllocator(domains[i], &real[i]);
        PyMemAllocatorEx watching = {&real[i], on_malloc, on_calloc, on_realloc, on_free};
        PyMem_SetAllocator(domains[i], &watching);
    }
}

static void leave_memory(void)
{
    for (unsigned i = 0; i < 2; i++)
        PyMem_SetAllocator(domains[i], &real[i]);
}

/* Calls step repeatedly, each time with one more allocation that succeeds, until none fails. */
static void run_out_everywhere(void (*step)(void))
{
    for (unsigned round = 0; round < 2; round++)
        for (long n = 0;; n++) {
            ck_assert_int_lt(n, ALLOCATIONS_MAX);
            for_ever = round == 1;
            ran_out = false;
            left = n;
            step();
            left = -1;
            ck_assert_ptr_null(PyErr_Occurred());
            if (!ran_out)
                break;
        }
}

static void expect_made(PyObject *made)
{
    left = -1;
    ck_assert_int_eq(made != NULL, !PyErr_Occurred());
    ck_assert_msg(made || PyErr_ExceptionMatches(PyExc_MemoryError), "another exception than MemoryError");
    PyErr_Clear();
    Py_XDECREF(made);
}

static struct request *request;
static PyObject *common;
static const char fields[] = "Host: of its own\r\nCookie: a=1\r\nCookie: b=2\r\nX-Name-Of-Its-Own: value\r\n";

static void open_request(void)
{
    implementations_open();
    tree_python("common = {'a': 1}\n");
    common = app_global("common");
    request = app_request("GET", "/%41/path/of/its/own?query", fields);
    watch_memory();
}

static void close_request(void)
{
    leave_memory();
    implementations_close();
}

static void make_environ(void)
{
    static struct environs environs;
    environs = (struct environs){0};
    bool opened = environs_open(&environs, common);
    expect_made(opened ? environ_new(&environs, request, Py_None) : NULL);
    environs_close(&environs);
}

START_TEST(of_an_environ)
{
    open_request();
    run_out_everywhere(make_environ);
    close_request();
}
END_TEST

static void make_scope(void)
{
    struct scopes scopes = {0};
    bool opened = scopes_open(&scopes, common, common, common);
    expect_made(opened ? scope_new(&scopes, request, false) : NULL);
    scopes_close(&scopes);
}

START_TEST(of_a_scope)
{
    open_request();
    run_out_everywhere(make_scope);
    close_request();
}
END_TEST

static PyObject *input_type;

static void read_input(void)
{
    ck_assert_int_eq(request_body_append(request, "first line\nsecond line\n", 23), ERR_OK);
    PyObject *spare = NULL, *input = wsgi_input_open(&spare, input_type, request);
    expect_made(input ? PyObject_CallMethod(input, "readlines", NULL) : NULL);
    Py_XDECREF(input);
    free(request->body); /* if no input took the body over */
    request->body = NULL;
    request->body_bytes = request->body_capacity = 0;
}

START_TEST(of_a_body_s_lines)
{
    open_request();
    input_type = wsgi_input_type();
    run_out_everywhere(read_input);
    Py_CLEAR(input_type);
    close_request();
}
END_TEST

SUITE("app_memory", of_an_environ, of_a_scope, of_a_body_s_lines)
