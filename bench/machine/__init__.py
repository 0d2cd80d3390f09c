"""The machine: which core is whose, what /proc says of a process, and how the place is described."""
