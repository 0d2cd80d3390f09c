"""The figures of a process, read while its threads start and end."""

import os
import subprocess
import sys
from contextlib import contextmanager

from bench.machine import process

THREAD_BURNS = """
import sys, threading, time
def burn():
    while time.thread_time() < 0.05:
        pass
thread = threading.Thread(target=burn)
thread.start()
thread.join()
print(time.process_time(), flush=True)
sys.stdin.read()
"""
THREADS_COME_AND_GO = """
import sys, threading
print("begun", flush=True)
def read():
    sys.stdin.read()
    done.set()
done = threading.Event()
threading.Thread(target=read).start()
while not done.is_set():
    threads = [threading.Thread(target=lambda: None) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@contextmanager
def python(program):
    """Runs the program until its stdin ends. Yields the process's id and the first line that it prints."""
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        yield running.pid, running.stdout.readline()
        running.stdin.close()


def test_cpu_time_is_that_of_threads_that_have_ended_too():
    with python(THREAD_BURNS) as (pid, said):
        assert 0.05 <= float(said) <= process.cpu_seconds(pid)


def test_cpu_time_of_this_process_is_what_its_own_clock_says():
    before, between, after = os.times(), process.cpu_seconds(os.getpid()), os.times()
    tick = 1 / os.sysconf("SC_CLK_TCK")
    assert before.user + before.system - 2 * tick <= between
    assert between <= after.user + after.system + 2 * tick + after.children_user + after.children_system


def test_threads_that_end_while_they_are_looked_at_do_no_harm():
    with python(THREADS_COME_AND_GO) as (pid, _):
        for _ in range(300):
            assert process.family(pid) == [pid]
            assert process.cpu_seconds(pid) > 0
            assert all(count >= 0 for count in process.context_switches(pid))
            assert process.resident_bytes(pid) > 0


def test_children_that_end_while_they_are_looked_at_do_no_harm():
    command = "for i in $(seq 300); do /bin/true; done; read line"
    with subprocess.Popen(["sh", "-c", command], stdin=subprocess.PIPE) as running:
        for _ in range(300):
            process.cpu_seconds(running.pid)
            process.context_switches(running.pid)
            process.peak_resident_bytes(running.pid)
            process.resident_bytes(running.pid)
        running.stdin.close()
