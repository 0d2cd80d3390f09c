"""What drives a server: wrk, which waits for its answers; an open loop, which does not; connections held open."""
