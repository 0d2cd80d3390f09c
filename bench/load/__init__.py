"""The load on a server: wrk, which waits for each answer; an open loop, which does not; connections held open."""
