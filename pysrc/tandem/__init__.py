"""tandem's own Python code: the Python forms of its workloads."""
