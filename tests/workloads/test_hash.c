#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdatomic.h>
#include <string.h>

#include "captured_log.h"
#include "suite.h"
#include "workloads/variants.h"
#include "workloads/workloads.h"

static atomic_bool openssl_fails;

static int (*real_update)(EVP_MD_CTX *, const void *, size_t);

__attribute__((constructor)) static void find_real_update(void)
{
    *(void **)&real_update = dlsym(RTLD_NEXT, "EVP_DigestUpdate");
}

int EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t length)
{
    return openssl_fails ? 0 : real_update(context, bytes, length);
}

/* Computes the body of /hash?kib=…&rounds=… from all its bytes, laid out in a row. */
static void expected_body(char out[96], size_t kib, size_t rounds)
{
    size_t length = kib * 1024 * rounds;
    unsigned char *bytes = malloc(length), digest[SHA256_DIGEST_LENGTH];
    for (size_t round = 0, at = 0; round < rounds; round++)
        for (size_t i = 0; i < kib * 1024; i++)
            bytes[at++] = (unsigned char)(i % 256);
    SHA256(bytes, length, digest);
    free(bytes);
    char *end = out + sprintf(out, "{\"sha256\":\"");
    for (unsigned i = 0; i < sizeof digest; i++)
        end += sprintf(end, "%02x", digest[i]);
    strcpy(end, "\"}");
}

/* Computed by sha256sum(1). */
START_TEST(it_is_the_digest_that_others_compute)
{
    variants_open(&workload_hash);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
        variants_expect_answer(variant, 1, 1, "application/json",
                               "{\"sha256\":\"785b0751fc2c53dc14a4ce3d800e69ef9ce1009eb327ccf458afe09c242c26c9\"}");
        variants_expect_answer(variant, 64, 1, "application/json",
                               "{\"sha256\":\"7daca2095d0438260fa849183dfc67faa459fdf4936e1bc91eec6b281b27e4c2\"}");
    }
    variants_close();
}
END_TEST

/* Sizes around the size of the workload's block, and the ends of both ranges. */
START_TEST(every_byte_is_in_the_digest)
{
    static const unsigned sizes[][2] = {{1, 3},   {63, 1},  {64, 2},   {65, 1},   {65, 2},
                                        {127, 1}, {128, 3}, {1, 1000}, {16384, 1}};
    char body[96];
    variants_open(&workload_hash);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        expected_body(body, sizes[i][0], sizes[i][1]);
        for (enum variant variant = 0; variant < VARIANT_COUNT; variant++)
            variants_expect_answer(variant, sizes[i][0], sizes[i][1], "application/json", body);
    }
    variants_close();
}
END_TEST

START_TEST(a_library_that_fails_is_a_500_and_the_next_one_is_none)
{
    variants_open(&workload_hash);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
        struct request *request = variants_request(1, 2);
        openssl_fails = true;
        captured_log_begin();
        variants_call(variant, request);
        const char *log = captured_log_end();
        openssl_fails = false;
        variants_expect_failure(request);
        ck_assert_msg(strstr(log, " ERROR GET hash in test-model failed: OpenSSL ") != NULL, "%s", log);
        variants_expect_answer(variant, 1, 1, "application/json",
                               "{\"sha256\":\"785b0751fc2c53dc14a4ce3d800e69ef9ce1009eb327ccf458afe09c242c26c9\"}");
    }
    variants_close();
}
END_TEST

enum { THREADS = 4, EACH = 8 };
static struct request *many[THREADS][EACH];
static uv_barrier_t barrier;

static void hash_many(void *own)
{
    struct request **requests = own;
    uv_barrier_wait(&barrier);
    for (unsigned i = 0; i < EACH; i++)
        workload_hash.run(requests[i]);
}

/* The first thread prepares the data that all share. */
START_TEST(many_threads_may_begin_at_once)
{
    uv_thread_t threads[THREADS];
    char body[96];
    variants_open(&workload_hash);
    uv_barrier_init(&barrier, THREADS);
    for (unsigned i = 0; i < THREADS * EACH; i++)
        many[i / EACH][i % EACH] = variants_request(1 + i, 1);
    for (unsigned t = 0; t < THREADS; t++)
        ck_assert_int_eq(uv_thread_create(&threads[t], hash_many, many[t]), 0);
    for (unsigned t = 0; t < THREADS; t++)
        ck_assert_int_eq(uv_thread_join(&threads[t]), 0);
    for (unsigned i = 0; i < THREADS * EACH; i++) {
        expected_body(body, 1 + i, 1);
        variants_expect(many[i / EACH][i % EACH], 200, "application/json", body);
    }
    uv_barrier_destroy(&barrier);
    variants_close();
}
END_TEST

START_TEST(what_was_never_prepared_is_torn_down_too)
{
    variants_open(&workload_hash);
    variants_close();
}
END_TEST

SUITE("hash", it_is_the_digest_that_others_compute, every_byte_is_in_the_digest,
      a_library_that_fails_is_a_500_and_the_next_one_is_none, many_threads_may_begin_at_once,
      what_was_never_prepared_is_torn_down_too)
