"""Instructions per request, counted by callgrind: a measure of speed that repeats on a noisy machine.

cells.py      the requests that are counted
counting.py   a server under callgrind, and the counting
recorded.py   the committed figures, and the environment that they hold for
parent.py     the parent commit, which is built for comparison if the committed figures do not apply
guard.py      the comparison, and the table
"""
