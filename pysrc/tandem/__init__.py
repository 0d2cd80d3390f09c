"""tandem's own Python code: the Python variants of its workloads, and the support for WSGI and ASGI apps."""
