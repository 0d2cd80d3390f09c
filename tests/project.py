"""An app that a test edits while it is served, for the tests of --reload."""

import subprocess
import textwrap

from support import BINARY, Background, wait_until

WSGI = """
    import os, time

    def app(environ, start_response):
        if environ["PATH_INFO"] == "/slow":
            while not os.path.exists({go!r}):
                time.sleep(0.01)
        start_response("200 OK", [("Content-Length", str(len({answer!r})))])
        return [{answer!r}.encode()]
"""

ASGI = """
    def note(line):
        with open({notes!r}, "a") as file:
            file.write(line + "\\n")

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            for _ in range(2):
                event = (await receive())["type"]
                note({answer!r} + " " + event)
                await send({{"type": event + ".complete"}})
            return
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": {answer!r}.encode()}})
"""

APP_SOURCES = {"py-inline": WSGI, "py-threads": WSGI, "py-subinterp": WSGI, "py-asyncio": ASGI}


class Project:
    """A directory with an app that the test edits while it is served."""

    def __init__(self, directory, serve):
        self.directory = directory / "project"
        self.directory.mkdir()
        self.go = directory / "go"  # /slow answers once this file exists
        self.notes = directory / "notes"
        self._serve = serve

    def write(self, name, text):
        """Writes a file like most editors: writes the text to another file, then renames that file."""
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        beside = path.with_name(path.name + ".tmp")
        beside.write_text(textwrap.dedent(text))
        beside.replace(path)

    def write_app(self, answer, source=WSGI):
        self.write("main.py", source.format(answer=answer, go=str(self.go), notes=str(self.notes)))

    def options(self, *options):
        return ("--app-dir", str(self.directory), "--reload", *options, "main:app")

    def serve(self, *options, mode="py-threads", **more):
        return self._serve("--mode", mode, *self.options(*options), **more)


class Starting:
    """A server whose app is broken from the start, so that no ready line comes."""

    def __init__(self, project, *options):
        self.log_path = project.directory.with_name("log")
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen(
                [BINARY, "--port", "0", *project.options(*options)], stdout=subprocess.PIPE, stderr=log, text=True
            )

    def wait_for_log(self, text):
        wait_until(lambda: text in self.log_path.read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.stdout.close()
        assert self.process.wait(30) == 0, self.log_path.read_text()
        assert "Sanitizer" not in self.log_path.read_text()


def expect_ready(server):
    """Waits for the next ready line, which must name the same process and port."""
    line = Background(server.process.stdout.readline).result()
    assert line.rsplit(" startup=", 1)[0] == server.ready_line.rsplit(" startup=", 1)[0], server.log()


def expect_answer(client, answer, path="/"):
    status, _, body = client.get(path)
    assert (status, body.decode()) == (200, answer)


def reloads(server):
    return [line.split("reload: ")[1] for line in server.log().splitlines() if line.endswith(" changed")]
