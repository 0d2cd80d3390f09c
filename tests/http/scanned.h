/* Scans a head in the ways in which it may come in: whole, a byte at a time, and in two pieces at each split. The
 * bytes are always in memory of exactly their size, so that a sanitizer sees a read past the end. */
#ifndef TANDEM_TESTS_SCANNED_H
#define TANDEM_TESTS_SCANNED_H

#include "http/parse/head_parser.h"

enum { SCANNED_MAX_BYTES = 16 * 1024 };

/* The results of the latest scan. */
extern struct head scanned;
extern struct head_refusal scanned_refusal;

/* Scans all bytes at once. */
enum head_status scan(const char *bytes, size_t length, size_t max_bytes);

/* Continues the latest scan with more of the same head: bytes is the head from its beginning. */
enum head_status scan_on(const char *bytes, size_t length, size_t max_bytes);

/* Scans in all the ways. Fails the test unless all results are the same. */
enum head_status scan_every_way(const char *bytes, size_t length);

/* Expects a text that is exactly one whole head, scanned in all the ways. */
void scan_expect_whole(const char *text);

/* reason: a part of the refusal's sentence. */
void scan_expect_refused(const char *bytes, size_t length, unsigned status, const char *reason);

#endif
