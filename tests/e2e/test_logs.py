"""The options --log-level, --log-format and --access-log."""

import json
import re

from support import read_response


def test_access_log_text(serve):
    server = serve("--mode", "uv-loop", "--access-log")
    server.get("/json?x=1")
    server.get("/nope")
    server.wait_for_log("/nope")
    lines = [line for line in server.log().splitlines() if "INFO" in line]
    pattern = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO  127\.0\.0\.1 "GET %s" %d %d \d+\.\d{6}'
    assert re.fullmatch(pattern % (r"/json\?x=1", 200, 27), lines[0])
    assert re.fullmatch(pattern % ("/nope", 404, 42), lines[1])


def test_what_is_refused_has_a_line_too(serve):
    server = serve("--mode", "uv-loop", "--access-log")
    with server.connect() as sock:
        sock.sendall(b"GET /json HTTP/1.1\r\n\r\n")
        status, _, body, _ = read_response(sock)
    assert status == 400
    server.wait_for_log(f'127.0.0.1 "-" 400 {len(body)} -')


def test_log_json(serve):
    server = serve("--mode", "uv-loop", "--access-log", "--log-format", "json")
    server.get('/json?quote="&back=\\')
    server.wait_for_log("/json")
    (line,) = [json.loads(line) for line in server.log().splitlines()]
    assert line["level"] == "info"
    assert '"GET /json?quote="&back=\\" 200 27' in line["message"]


def test_levels(serve):
    quiet = serve("--mode", "uv-loop", "--log-level", "error", "--access-log")
    quiet.get("/json")
    quiet.stop()
    assert quiet.log() == ""
    talkative = serve("--mode", "uv-loop", "--log-level", "debug")
    talkative.raw(b"nonsense\r\n\r\n")
    talkative.wait_for_log("DEBUG refused: 400")
