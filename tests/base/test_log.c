#include "base/log.h"

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "captured_log.h"
#include "suite.h"

/* True if text has this shape: d stands for a digit, every other byte for itself. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; text++, shape++)
        if (*shape == 'd' ? *text < '0' || *text > '9' : *text != *shape)
            return false;
    return true;
}

START_TEST(a_line_of_text_has_time_level_and_message)
{
    captured_log_begin();
    log_info("%d requests", 3);
    log_warn("w");
    log_error("e");
    log_debug("d"); /* below the default level */
    const char *line = captured_log_end();
    static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ ";
    static const char *const rest[] = {"INFO  3 requests\n", "WARN  w\n", "ERROR e\n"};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_msg(has_shape(line, shape), "%s", line);
        line += strlen(shape);
        ck_assert_msg(strncmp(line, rest[i], strlen(rest[i])) == 0, "%s", line);
        line += strlen(rest[i]);
    }
    ck_assert_str_eq(line, "");
}
END_TEST

START_TEST(the_time_is_that_of_utc)
{
    struct tm utc = {0};
    setenv("TZ", "EAST-05:30", 1);
    tzset();
    time_t before = time(NULL);
    captured_log_begin();
    log_info("x");
    const char *line = captured_log_end();
    ck_assert_ptr_nonnull(strptime(line, "%Y-%m-%dT%H:%M:%S.", &utc));
    time_t logged = timegm(&utc);
    ck_assert_int_ge(logged, before - 1); /* time() may lag by a tick */
    ck_assert_int_le(logged, time(NULL) + 1);
}
END_TEST

START_TEST(what_is_below_the_level_is_not_written)
{
    static const char letters[] = "ewid";
    for (enum log_level level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        log_configure(level, LOG_TEXT);
        captured_log_begin();
        log_error("<e>");
        log_warn("<w>");
        log_info("<i>");
        log_debug("<d>");
        const char *written = captured_log_end();
        for (unsigned i = 0; i < 4; i++) {
            char tag[] = {'<', letters[i], '>', '\0'};
            ck_assert_int_eq(strstr(written, tag) != NULL, i <= level);
            ck_assert_int_eq(log_enabled((enum log_level)i) != 0, i <= level);
        }
    }
}
END_TEST

/* Logs the message. Returns the object of the only line. */
static json_t *logged_json(const char *message)
{
    log_configure(LOG_INFO, LOG_JSON);
    captured_log_begin();
    log_warn("%s", message);
    const char *line = captured_log_end();
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
    json_error_t error;
    json_t *object = json_loads(line, 0, &error);
    ck_assert_msg(object != NULL, "%s in %s", error.text, line);
    return object;
}

static const char *string_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    ck_assert_ptr_nonnull(text);
    return text;
}

START_TEST(a_line_of_json_is_one_object_whatever_the_message)
{
    static const char *const messages[] = {"plain", "", "a \"quoted\" \\ word", "two\nlines\tand\x01\x1f\x7f",
                                           "über €"};
    for (unsigned i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        json_t *object = logged_json(messages[i]);
        ck_assert_uint_eq(json_object_size(object), 3);
        ck_assert_str_eq(string_of(object, "message"), messages[i]);
        ck_assert_str_eq(string_of(object, "level"), "warn");
        ck_assert(has_shape(string_of(object, "time"), "dddd-dd-ddTdd:dd:dd.dddZ"));
        json_decref(object);
    }
}
END_TEST

START_TEST(text_is_utf_8_whatever_the_message)
{
    captured_log_begin();
    log_info("a\xff \xc3\xbc");
    const char *line = captured_log_end();
    ck_assert_msg(strstr(line, "INFO  a? \xc3\xbc\n") != NULL, "%s", line);
}
END_TEST

START_TEST(json_stays_json_where_a_message_is_no_utf_8)
{
    json_t *object = logged_json("a\xff \xc3\xbc");
    ck_assert_str_eq(string_of(object, "message"), "a? \xc3\xbc");
    json_decref(object);
}
END_TEST

/* JSON writes each byte of this message as six bytes. */
START_TEST(a_message_over_16_kib_is_cut_there)
{
    static const size_t lengths[] = {16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 40000};
    static char message[40001];
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memset(message, '\x01', lengths[i]);
        json_t *object = logged_json(message);
        ck_assert_uint_eq(strlen(string_of(object, "message")), lengths[i] < 16 * 1024 ? lengths[i] : 16 * 1024);
        json_decref(object);
    }
}
END_TEST

enum { THREADS = 4, LINES = 50 };

static void *log_lines(void *letter)
{
    char text[200];
    memset(text, *(const char *)letter, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (unsigned i = 0; i < LINES; i++)
        log_info("%s", text);
    return NULL;
}

START_TEST(lines_of_several_threads_do_not_mix)
{
    static char letters[] = "abcd";
    pthread_t threads[THREADS];
    captured_log_begin();
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, log_lines, &letters[i]), 0);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    char *at = NULL, *text = strdup(captured_log_end());
    unsigned lines = 0;
    for (char *line = strtok_r(text, "\n", &at); line; line = strtok_r(NULL, "\n", &at), lines++) {
        const char *message = strstr(line, "INFO  ");
        ck_assert_ptr_nonnull(message);
        message += strlen("INFO  ");
        ck_assert_uint_eq(strlen(message), 199);
        ck_assert_uint_eq(strspn(message, (char[]){*message, '\0'}), 199);
    }
    ck_assert_uint_eq(lines, THREADS * LINES);
    free(text);
}
END_TEST

SUITE("log", a_line_of_text_has_time_level_and_message, the_time_is_that_of_utc, what_is_below_the_level_is_not_written,
      a_line_of_json_is_one_object_whatever_the_message, text_is_utf_8_whatever_the_message,
      json_stays_json_where_a_message_is_no_utf_8, a_message_over_16_kib_is_cut_there,
      lines_of_several_threads_do_not_mix)
