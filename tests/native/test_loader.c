#include "native/loader.h"

#include <string.h>

#include "suite.h"

static void variant(struct tandem_request *request)
{
    (void)request;
}

static void expect_refused(const struct tandem_handler *handler, const char *sentence)
{
    ck_assert_int_eq(loader_check("mine.so", handler), ERR_APP);
    ck_assert_str_eq(err_message(), sentence);
}

START_TEST(a_handler_has_a_variant)
{
    const struct tandem_handler run = {.abi_version = TANDEM_ABI_VERSION, .run = variant};
    const struct tandem_handler start = {.abi_version = TANDEM_ABI_VERSION, .start = variant};
    const struct tandem_handler neither = {.abi_version = TANDEM_ABI_VERSION, .cancel = variant};
    ck_assert_int_eq(loader_check("mine.so", &run), ERR_OK);
    ck_assert_int_eq(loader_check("mine.so", &start), ERR_OK);
    expect_refused(&neither,
                   "--native: the handler in mine.so has no variant: TANDEM_HANDLER takes .run, .start or both");
}
END_TEST

START_TEST(a_handler_is_of_this_version)
{
    const struct tandem_handler none = {.run = variant},
                                later = {.abi_version = TANDEM_ABI_VERSION + 1, .run = variant};
    expect_refused(&none, "--native: mine.so was built for version 0 of tandem/handler.h, this tandem has version 1: "
                          "build it again with this tandem's");
    expect_refused(&later, "--native: mine.so was built for version 2 of tandem/handler.h, this tandem has version 1: "
                           "build it again with this tandem's");
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
    const struct tandem_handler *handler = NULL;
    ck_assert_int_eq(loader_open("nowhere/mine.so", &handler), ERR_APP);
    ck_assert_str_eq(err_message(), "--native: nowhere/mine.so: No such file or directory");
    ck_assert_int_eq(loader_open("libc.so.6", &handler), ERR_APP); /* a file's path, not a library of the system */
    ck_assert_str_eq(err_message(), "--native: libc.so.6: No such file or directory");
    ck_assert_ptr_null(handler);
}
END_TEST

START_TEST(a_file_that_is_no_shared_object_is_refused_in_dlopen_s_words)
{
    const struct tandem_handler *handler = NULL;
    ck_assert_int_eq(loader_open("/proc/self/status", &handler), ERR_APP);
    ck_assert_msg(strncmp(err_message(), "--native: /proc/", 16) == 0, "%s", err_message());
    ck_assert_ptr_nonnull(strstr(err_message(), "/status: "));
    ck_assert_ptr_null(handler);
}
END_TEST

SUITE("loader", a_handler_has_a_variant, a_handler_is_of_this_version, a_file_that_is_not_there_is_named,
      a_file_that_is_no_shared_object_is_refused_in_dlopen_s_words)
