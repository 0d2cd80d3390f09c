/* A head as it may come in: whole, a byte at a time, and in two pieces at each place; always from memory of exactly its
 * size, so that a read past its end is seen. */
#ifndef TANDEM_TESTS_SCANNED_H
#define TANDEM_TESTS_SCANNED_H

#include "http/head.h"

enum { SCANNED_MAX_BYTES = 16 * 1024 };

/* What the latest scan left. */
extern struct head scanned;
extern struct head_refusal scanned_refusal;

/* All at once. */
enum head_status scan(const char *bytes, size_t length, size_t max_bytes);

/* As the next piece of a head whose beginning was scanned before. */
enum head_status scan_on(const char *bytes, size_t length, size_t max_bytes);

/* In all the ways, and fails the test where what came out is not the same each time. */
enum head_status scan_every_way(const char *bytes, size_t length);

/* The same, for a text that is one whole head, to its last byte. */
void scan_expect_whole(const char *text);

/* reason: a part of the sentence. */
void scan_expect_refused(const char *bytes, size_t length, unsigned status, const char *reason);

#endif
