"""Instructions per request, counted by callgrind: a measure of speed that repeats on a noisy machine.

cells.py      what is counted
counting.py   a server under callgrind, and the counting
recorded.py   the committed figures, and the machine that they are of
parent.py     the parent commit, built to compare with where the committed figures do not apply
guard.py      the comparison, and the table
"""
