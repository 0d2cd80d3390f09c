"""What WSGI's environ has beside the request: PEP 3333, "environ Variables"."""

import io
import os
import stat


class Errors:
    """``wsgi.errors``: each line goes to the server's log."""

    def __init__(self, log):
        self.log = log
        self.rest = ""

    def write(self, text):
        *lines, self.rest = (self.rest + text).split("\n")
        for line in lines:
            self.log(line)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        if self.rest:
            rest, self.rest = self.rest, ""
            self.log(rest)


class FileWrapper:
    """``wsgi.file_wrapper``: a file as the pieces of a body."""

    def __init__(self, file, block_size=8192):
        self.file = file
        self.block_size = block_size

    def descriptor(self):
        """``(a new descriptor, place)`` of a file that the kernel can send by itself, else None. What only looks like
        one, such as gzip's, whose descriptor has other bytes, is not."""
        raw = self.file.raw if type(self.file) in (io.BufferedReader, io.BufferedRandom) else self.file
        if type(raw) is not io.FileIO or not stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
            return None
        return os.dup(raw.fileno()), self.file.tell()

    def __iter__(self):
        return self

    def __next__(self):
        block = self.file.read(self.block_size)
        if not block:
            raise StopIteration
        return block

    def close(self):
        close = getattr(self.file, "close", None)
        if close is not None:
            close()


def common_environ(log, multithread, multiprocess):
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "tandem",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": Errors(log),
        "wsgi.multithread": multithread,
        "wsgi.multiprocess": multiprocess,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
    }
