#include "airport.h"

#include "assertions.h"
#include <string.h>

#include "base/clock.h"
#include "captured_log.h"
#include "tree.h"

struct flights airport_flights;
static struct request *departing[FORMS_REQUESTS_MAX];
static unsigned departing_count, away;

/* On the event loop. */
static PyObject *depart(PyObject *unused, PyObject *none)
{
    (void)unused;
    (void)none;
    for (unsigned i = 0; i < departing_count; i++) {
        flight_start(&airport_flights, departing[i], clock_ns());
        ck_assert_ptr_null(PyErr_Occurred());
    }
    departing_count = 0;
    Py_RETURN_NONE;
}

void airport_open(void)
{
    static PyMethodDef definition = {"depart", depart, METH_NOARGS, NULL};
    twins_open();
    tree_python("import asyncio\nloop = asyncio.new_event_loop()\n");
    PyObject *module = PyImport_AddModule("__main__"), *loop = PyObject_GetAttrString(module, "loop");
    ck_assert_int_eq(PyModule_AddObject(module, "depart", PyCFunction_New(&definition, NULL)), 0);
    ck_assert(flights_open(&airport_flights, twins_thread, loop));
    Py_DECREF(loop); /* the module has it */
}

void airport_close(void)
{
    ck_assert_ptr_null(airport_flights.first);
    flights_close(&airport_flights);
    tree_python("loop.close()\n");
    twins_close();
}

void airport_turn(void)
{
    tree_python("try:\n"
                "    loop.call_soon(depart)\n"
                "    loop.run_until_complete(asyncio.sleep(0))\n"
                "except (SystemExit, KeyboardInterrupt):\n"
                "    pass\n");
}

void airport_depart(struct request *request)
{
    departing[departing_count++] = request;
    away++;
}

static void nothing(void)
{
}

void airport_land_all(void)
{
    while (departing_count || airport_flights.first)
        airport_turn();
    forms_run(nothing, away);
    away = 0;
}

struct request *airport_fly(const struct workload *workload)
{
    struct request *request = twin_request(workload);
    airport_depart(request);
    airport_land_all();
    return request;
}

const char *airport_failure(const struct workload *workload)
{
    captured_log_begin();
    struct request *request = airport_fly(workload);
    const char *log = captured_log_end();
    forms_expect_failure(request);
    char expected[128];
    snprintf(expected, sizeof expected, " ERROR GET %s in test-model failed: ", workload->name);
    ck_assert_msg(strstr(log, expected) != NULL, "%s", log);
    return log;
}
