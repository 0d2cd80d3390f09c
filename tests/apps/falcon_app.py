"""A Falcon app with a route for each common use of the framework."""

import answers
import falcon


class Root:
    def on_get(self, request, response):
        response.media = {"message": "Hello, World!"}


class Query:
    def on_get(self, request, response):
        response.media = answers.of_query(request.get_param("name"), request.get_param_as_list("tag"))


class Form:
    def on_post(self, request, response):
        response.media = request.get_media()


class Json:
    def on_post(self, request, response):
        response.media = {"got": request.get_media()}


class Upload:
    def on_post(self, request, response):
        for part in request.get_media():
            if part.name == "file":
                response.media = answers.of_upload(part.filename, part.stream.read())


class Download:
    def on_get(self, request, response):
        response.content_type = "application/octet-stream"
        response.set_header("Content-Disposition", 'attachment; filename="all.bin"')
        response.data = answers.DOWNLOAD


class Stream:
    def on_get(self, request, response):
        response.content_type = "text/plain"
        response.stream = (piece.encode() for piece in answers.PIECES)


class Visits:
    def on_get(self, request, response):
        visit = answers.next_visit(request.cookies.get("visits"))
        response.set_cookie("visits", visit, secure=False)
        response.media = {"visits": visit}


class Error:
    def on_get(self, request, response):
        raise RuntimeError("raised in a route")


class Body:
    def on_post(self, request, response):
        digest = answers.Digest()
        while piece := request.bounded_stream.read(65536):
            digest.update(piece)
        response.media = digest.answer()


app = falcon.App()
for name, resource in (("", Root), *((one.__name__.lower(), one) for one in (Query, Form, Json, Upload, Download))):
    app.add_route(f"/{name}", resource())
for resource in (Stream, Visits, Error, Body):
    app.add_route(f"/{resource.__name__.lower()}", resource())
