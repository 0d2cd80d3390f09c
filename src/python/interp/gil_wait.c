#include "python/interp/gil_wait.h"

#include <dlfcn.h>
#include <pthread.h>

#include "base/check.h"
#include "base/clock.h"

static _Thread_local struct gil_account *own_account;

void gil_wait_attach(struct gil_account *account)
{
    own_account = account;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !TANDEM_STATS

bool gil_wait_measured(void)
{
    return false;
}

#else

typedef int timedwait_function(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

static timedwait_function *libc_timedwait;

__attribute__((constructor)) static void find_libc_timedwait(void)
{
    *(void **)&libc_timedwait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    CHECK(libc_timedwait);
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
    struct gil_account *account = own_account;
    if (!account)
        return libc_timedwait(cond, mutex, until);
    uint64_t start_ns = clock_ns();
    int status = libc_timedwait(cond, mutex, until);
    counter_add(&account->wait_ns, clock_between(start_ns, clock_ns()));
    if (status == 0)
        counter_add(&account->waits, 1);
    return status;
}

bool gil_wait_measured(void)
{
    timedwait_function *own = pthread_cond_timedwait;
    return dlsym(RTLD_DEFAULT, "pthread_cond_timedwait") == *(void **)&own;
}

#endif
