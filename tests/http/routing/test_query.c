#include "http/routing/query.h"

#include <string.h>

#include "suite.h"

static char out[64];

static void expect(const char *query, enum query_status status, const char *value)
{
    enum query_status got = query_find(query, "n", out, sizeof out);
    ck_assert_msg(got == status, "%s: %d", query, got);
    if (value)
        ck_assert_str_eq(out, value);
}

START_TEST(a_name_is_found_wherever_it_stands)
{
    expect("n=1", QUERY_FOUND, "1");
    expect("a=2&n=1", QUERY_FOUND, "1");
    expect("n=1&a=2", QUERY_FOUND, "1");
    expect("&&n=1&&", QUERY_FOUND, "1");
    expect("%6e=%31", QUERY_FOUND, "1");
    expect("n=a+b=c", QUERY_FOUND, "a b=c");
    expect("n=", QUERY_FOUND, "");
    expect("n", QUERY_FOUND, "");
}
END_TEST

START_TEST(other_names_are_not_it)
{
    static const char *const queries[] = {"", "&", "=", "=n", "N=1", "nn=1", "xn=1", "a=n", "a=n=1", "n%20=1", "%6=1"};
    for (unsigned i = 0; i < sizeof queries / sizeof queries[0]; i++)
        expect(queries[i], QUERY_ABSENT, NULL);
    /* A name longer than any parameter's must not match by its beginning. */
    char query[200] = {0};
    memset(query, 'n', 150);
    expect(query, QUERY_ABSENT, NULL);
}
END_TEST

START_TEST(what_is_given_twice_or_cannot_be_read_is_told_apart)
{
    expect("n=1&n=1", QUERY_TWICE, NULL);
    expect("n=1&a=2&%6E", QUERY_TWICE, NULL);
    expect("n=%zz", QUERY_BROKEN, NULL);
    expect("n=%00", QUERY_BROKEN, NULL);
    char query[200] = "n=";
    memset(query + 2, '1', 64);
    expect(query, QUERY_BROKEN, NULL);
}
END_TEST

SUITE("query", a_name_is_found_wherever_it_stands, other_names_are_not_it,
      what_is_given_twice_or_cannot_be_read_is_told_apart)
