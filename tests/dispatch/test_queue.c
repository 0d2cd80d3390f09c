#include "dispatch/queue.h"

#include <sched.h>

#include "core/rig.h"
#include "suite.h"

static struct queue queue;
static struct loop second_loop = {.id = 1};

static void open_queue(void)
{
    rig_open();
    rig_model.loop_count = 2;
    ck_assert_int_eq(queue_init(&queue, &rig_model), ERR_OK);
}

static void close_queue(void)
{
    queue_free(&queue);
    queue = (struct queue){0}; /* so that LeakSanitizer finds memory that was not freed */
    rig_close();
}

static struct request *submitted(struct loop *loop)
{
    struct request *request = rig_request();
    request->loop = loop;
    ck_assert_int_eq(queue_submit(&queue, request), ERR_OK);
    return request;
}

static void drop(struct request *request)
{
    request->loop = rig_loop;
    request_free(request);
}

static void flush(const struct loop *loop)
{
    uv_mutex_lock(&queue.lock);
    queue_flush_locked(&queue, loop);
    uv_mutex_unlock(&queue.lock);
}

static struct request *pop(void)
{
    uv_mutex_lock(&queue.lock);
    struct request *request = queue_pop_locked(&queue);
    uv_mutex_unlock(&queue.lock);
    return request;
}

START_TEST(only_what_is_flushed_can_be_popped_the_oldest_first)
{
    struct request *requests[3];
    open_queue();
    ck_assert(queue_batch_empty(&queue, rig_loop));
    ck_assert_ptr_null(pop());
    for (unsigned i = 0; i < 3; i++)
        requests[i] = submitted(rig_loop);
    ck_assert(!queue_batch_empty(&queue, rig_loop));
    ck_assert_ptr_null(pop());
    ck_assert_uint_eq(atomic_load(&rig_model.queue_length), 3);
    flush(rig_loop);
    ck_assert(queue_batch_empty(&queue, rig_loop));
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(atomic_load(&rig_model.queue_length), 3 - i);
        ck_assert_ptr_eq(pop(), requests[i]);
        ck_assert_uint_eq(queue.taken_total, i + 1);
        drop(requests[i]);
    }
    ck_assert_ptr_null(pop());
    ck_assert_uint_eq(queue.taken_total, 3);
    ck_assert_uint_eq(atomic_load(&rig_model.queue_length), 0);
    close_queue();
}
END_TEST

START_TEST(all_that_waits_can_be_taken_at_once_in_its_order)
{
    struct request *requests[4];
    struct request_list taken = {0};
    open_queue();
    uv_mutex_lock(&queue.lock);
    queue_take_all_locked(&queue, &taken);
    uv_mutex_unlock(&queue.lock);
    ck_assert_uint_eq(taken.count, 0);
    ck_assert_uint_eq(queue.taken_total, 0);
    for (unsigned i = 0; i < 4; i++) {
        requests[i] = submitted(i == 1 ? &second_loop : rig_loop);
        if (i == 1)
            flush(&second_loop);
    }
    flush(rig_loop);
    submitted(&second_loop); /* not flushed: it stays with its loop */
    ck_assert_uint_eq(atomic_load(&rig_model.queue_length), 5);
    uv_mutex_lock(&queue.lock);
    queue_take_all_locked(&queue, &taken);
    uv_mutex_unlock(&queue.lock);
    ck_assert_uint_eq(taken.count, 4);
    ck_assert_uint_eq(queue.taken_total, 4);
    ck_assert_uint_eq(atomic_load(&rig_model.queue_length), 1);
    ck_assert_ptr_null(pop());
    static const unsigned order[] = {1, 0, 2, 3};
    for (unsigned i = 0; i < 4; i++) {
        struct request *request = request_list_pop(&taken);
        ck_assert_ptr_eq(request, requests[order[i]]);
        drop(request);
    }
    flush(&second_loop);
    drop(pop());
    close_queue();
}
END_TEST

START_TEST(each_loop_has_a_batch_of_its_own)
{
    open_queue();
    struct request *first = submitted(rig_loop), *second = submitted(&second_loop);
    flush(&second_loop);
    ck_assert(!queue_batch_empty(&queue, rig_loop));
    ck_assert(queue_batch_empty(&queue, &second_loop));
    ck_assert_ptr_eq(pop(), second);
    ck_assert_ptr_null(pop());
    flush(rig_loop);
    ck_assert_ptr_eq(pop(), first);
    drop(first);
    drop(second);
    close_queue();
}
END_TEST

START_TEST(the_limit_counts_what_is_flushed_and_what_is_not)
{
    struct request *requests[11];
    open_queue();
    for (unsigned i = 0; i < 10; i++) {
        requests[i] = submitted(rig_loop);
        if (i == 3)
            flush(rig_loop);
    }
    requests[10] = rig_request();
    ck_assert_int_eq(queue_submit(&queue, requests[10]), ERR_BUSY);
    flush(rig_loop);
    ck_assert_int_eq(queue_submit(&queue, requests[10]), ERR_BUSY);
    ck_assert_ptr_eq(pop(), requests[0]);
    ck_assert_int_eq(queue_submit(&queue, requests[10]), ERR_OK);
    flush(rig_loop);
    for (unsigned i = 1; i < 11; i++)
        ck_assert_ptr_eq(pop(), requests[i]);
    for (unsigned i = 0; i < 11; i++)
        drop(requests[i]);
    close_queue();
}
END_TEST

enum { POPPERS = 3, ALL = 3000 };

static atomic_uint popped;

/* Pops until all requests have been popped. Reads the length without the lock, as /stats does. */
static void pop_some(void *own_list)
{
    while (atomic_load(&popped) < ALL) {
        ck_assert_uint_le(atomic_load(&rig_model.queue_length), rig_config.queue_limit);
        struct request *request = pop();
        if (!request) {
            sched_yield();
            continue;
        }
        request_list_push(own_list, request);
        atomic_fetch_add(&popped, 1);
    }
}

START_TEST(several_threads_pop_each_request_once_and_the_limit_holds)
{
    static struct request_list lists[POPPERS];
    uv_thread_t threads[POPPERS];
    unsigned count = 0;
    open_queue();
    for (unsigned t = 0; t < POPPERS; t++)
        ck_assert_int_eq(uv_thread_create(&threads[t], pop_some, &lists[t]), 0);
    for (unsigned i = 0; i < ALL; i++) {
        struct request *request = rig_request();
        request->params[0] = i;
        while (queue_submit(&queue, request) == ERR_BUSY)
            flush(rig_loop);
    }
    flush(rig_loop);
    for (unsigned t = 0; t < POPPERS; t++) {
        int64_t before = -1;
        ck_assert_int_eq(uv_thread_join(&threads[t]), 0);
        for (struct request *request; (request = request_list_pop(&lists[t])); count++) {
            ck_assert_int_gt(request->params[0], before); /* the oldest first */
            before = request->params[0];
            drop(request);
        }
    }
    ck_assert_uint_eq(count, ALL);
    ck_assert_uint_eq(queue.taken_total, ALL);
    close_queue();
}
END_TEST

SUITE("queue", only_what_is_flushed_can_be_popped_the_oldest_first, all_that_waits_can_be_taken_at_once_in_its_order,
      each_loop_has_a_batch_of_its_own, the_limit_counts_what_is_flushed_and_what_is_not,
      several_threads_pop_each_request_once_and_the_limit_holds)
