"""The machine: the assignment of cores, /proc's data on a process, and the description of the environment."""
