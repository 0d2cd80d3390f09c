"""A Starlette app with a route for each common use of the framework."""

import asyncio
import gc

import answers
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

endings = []


async def root(request):
    return JSONResponse({"message": "Hello, World!"})


async def query(request):
    return JSONResponse(answers.of_query(request.query_params["name"], request.query_params.getlist("tag")))


async def form(request):
    async with request.form() as fields:
        return JSONResponse(dict(fields))


async def json(request):
    return JSONResponse({"got": await request.json()})


async def upload(request):
    async with request.form() as fields:
        file = fields["file"]
        return JSONResponse(answers.of_upload(file.filename, await file.read()))


async def download(request):
    headers = {"Content-Disposition": 'attachment; filename="all.bin"'}
    return Response(answers.DOWNLOAD, media_type="application/octet-stream", headers=headers)


async def pieces():
    for piece in answers.PIECES:
        yield piece


async def stream(request):
    return StreamingResponse(pieces(), media_type="text/plain")


async def endless_pieces():
    try:
        while True:
            yield memoryview(b"piece\n")
            await asyncio.sleep(0.001)
    finally:
        endings.append(True)


async def endless(request):
    return StreamingResponse(endless_pieces(), media_type="text/plain")


async def ended(request):
    gc.collect()  # the exception that ends a stream may keep its generator in a cycle until then
    return JSONResponse(len(endings))


async def visits(request):
    visit = answers.next_visit(request.cookies.get("visits"))
    response = JSONResponse({"visits": visit})
    response.set_cookie("visits", visit)
    return response


async def error(request):
    raise RuntimeError("raised in a route")


async def body(request):
    digest = answers.Digest()
    async for piece in request.stream():
        digest.update(piece)
    return JSONResponse(digest.answer())


app = Starlette(
    routes=[
        Route("/", root),
        *(Route(f"/{view.__name__}", view) for view in (query, download, stream, endless, ended, visits, error)),
        *(Route(f"/{view.__name__}", view, methods=["POST"]) for view in (form, json, upload, body)),
    ]
)
