/* /hash: SHA-256 of kib KiB, fed rounds times into one digest. The bytes are 0 … 255, repeated. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <uv.h>

#include "core/request.h"
#include "workloads/workloads.h"

enum { BLOCK_BYTES = 64 * 1024 };

static unsigned char block[BLOCK_BYTES];
static EVP_MD *sha256; /* fetched once: a fetch per request costs more than a small hash */
static uv_once_t prepared = UV_ONCE_INIT;

/* Runs at the first request: OpenSSL takes milliseconds to initialise, which users without /hash need not wait for. */
static void prepare(void)
{
    for (unsigned i = 0; i < BLOCK_BYTES; i++)
        block[i] = (unsigned char)i;
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    /* The fetch made OpenSSL keep data for this thread. A pool thread may end after OpenSSL's cleanup, which would leak
     * that data. */
    OPENSSL_thread_stop();
}

static void teardown(void)
{
    EVP_MD_free(sha256);
    sha256 = NULL;
}

/* The bytes repeat within the block, so feeding pieces of it gives the digest of one run of kib KiB. */
static int update(EVP_MD_CTX *context, int64_t kib)
{
    size_t left = (size_t)kib * 1024;
    while (left > 0) {
        size_t piece = left < BLOCK_BYTES ? left : BLOCK_BYTES;
        if (!EVP_DigestUpdate(context, block, piece))
            return 0;
        left -= piece;
    }
    return 1;
}

static void run(struct request *request)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    uv_once(&prepared, prepare);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = sha256 && context && EVP_DigestInit_ex2(context, sha256, NULL);
    for (int64_t round = 0; good && round < request->params[1]; round++)
        good = update(context, request->params[0]);
    good = good && EVP_DigestFinal_ex(context, digest, &digest_bytes);
    EVP_MD_CTX_free(context);
    if (!good) {
        request_fail(request, "OpenSSL could not compute the digest");
        return;
    }
    char body[2 * EVP_MAX_MD_SIZE + 32];
    int length = snprintf(body, sizeof body, "{\"sha256\":\"");
    for (unsigned i = 0; i < digest_bytes; i++)
        length += snprintf(body + length, sizeof body - (size_t)length, "%02x", digest[i]);
    length += snprintf(body + length, sizeof body - (size_t)length, "\"}");
    reply_copy(&request->reply, 200, TYPE_JSON, body, (size_t)length);
}

WORKLOAD_START_BY_RUNNING(run)

const struct workload workload_hash = {
    .name = "hash",
    .params = {{.name = "kib", .min = 1, .max = 16384, .fallback = 64},
               {.name = "rounds", .min = 1, .max = 1000, .fallback = 1}},
    .teardown = teardown,
    .run = run,
    .start = run_on_loop,
};
