"""The variables of WSGI's environ that do not depend on the request: PEP 3333, "environ Variables"."""

import io
import os
import stat


class Errors:
    """``wsgi.errors``: each line goes to the server's log. ``rest`` is the beginning of a line. The server is told of
    it by ``begin_line()``, and flushes it when the call is over."""

    def __init__(self, log, begin_line):
        self.log = log
        self.begin_line = begin_line
        self.rest = ""

    def write(self, text):
        *lines, self.rest = (self.rest + text).split("\n")
        for line in lines:
            self.log(line)
        if self.rest:
            self.begin_line()
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        if self.rest:
            rest, self.rest = self.rest, ""
            self.log(rest)


class FileWrapper:
    """``wsgi.file_wrapper``: iterates over a file in blocks, as a response body."""

    def __init__(self, file, block_size=8192):
        self.file = file
        self.block_size = block_size

    def descriptor(self):
        """Returns ``(new descriptor, offset)`` if the kernel can send the file by itself, else None. File-like objects
        do not qualify: the descriptor of a gzip file, for example, yields other bytes than the object."""
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


def common_environ(log, begin_line, multithread, multiprocess):
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "tandem",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": Errors(log, begin_line),
        "wsgi.multithread": multithread,
        "wsgi.multiprocess": multiprocess,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
    }
