/* A front's turns: when libmicrohttpd runs, and when the models get what it has read. LOOP only.
 *
 * The daemon's epoll descriptor is under uv_poll and its time-out under uv_timer; whatever happens on the loop only
 * notes that a turn is due, and the turn is taken before the loop blocks (uv_prepare) or after it polled (uv_check). */
#ifndef TANDEM_HTTP_TURN_H
#define TANDEM_HTTP_TURN_H

struct front;

/* LOOP's thread, or any where that is not running; the front has its daemon. The handles are the owner's to close. */
void turn_start(struct front *front);

/* front_want_turn() for a request that was answered; takes the turn at once where many were. */
void turn_want_for_answer(struct front *front);

/* Takes one now. Not within one. */
void turn_take(struct front *front);

#endif
