/* tandem as the first process of a PID namespace, as in a container without an init. The kernel gives such a process
 * all orphans, and it must reap them (pid_namespaces(7)). */
#ifndef TANDEM_SERVER_FIRST_PROCESS_H
#define TANDEM_SERVER_FIRST_PROCESS_H

/* MAIN thread, before there are other threads. If this process is the first one, the rest of the program runs in a
 * child instead: this process passes signals on to it, reaps orphans, and ends with the child's exit status, or with
 * 128 plus the number of the signal that ended the child. Returns in the child only. In any other process returns at
 * once. */
void first_process_start(void);

#endif
