"""An app that sets the locale of the process. The server's own output must not depend on it."""

import json
import locale

locale.setlocale(locale.LC_ALL, "")


def app(environ, start_response):
    start_response("200 OK", [("CONTENT-LENGTH", "200"), ("TRAILER", "dropped")])
    shown = {key: value for key, value in environ.items() if key.startswith("HTTP_")}
    shown |= {"body": environ["wsgi.input"].read().decode(), "half": locale.str(0.5)}
    return [json.dumps(shown).encode().ljust(200)]
