"""A FastAPI app with a route for each common use of the framework. The first route is the article's."""

import threading
from typing import Annotated

import answers
from fastapi import Cookie, FastAPI, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/")
def read_root():
    return {"message": "Hello, World!"}


@app.get("/query")
def query(name: str, tag: Annotated[list[str], Query()]):
    return answers.of_query(name, tag)


@app.post("/form")
async def form(first: Annotated[str, Form()], second: Annotated[str, Form()]):
    return {"first": first, "second": second}


@app.post("/json")
async def json(got: dict):
    return {"got": got}


@app.post("/upload")
def upload(file: Annotated[UploadFile, File()]):
    return answers.of_upload(file.filename, file.file.read())


@app.get("/download")
def download():
    headers = {"Content-Disposition": 'attachment; filename="all.bin"'}
    return Response(answers.DOWNLOAD, media_type="application/octet-stream", headers=headers)


@app.get("/stream")
def stream():
    return StreamingResponse(iter(answers.PIECES), media_type="text/plain")


@app.get("/visits")
def visits(response: Response, visits: Annotated[str | None, Cookie()] = None):
    visit = answers.next_visit(visits)
    response.set_cookie("visits", visit)
    return {"visits": visit}


@app.get("/thread")
def thread():
    return threading.get_native_id()


@app.get("/error")
def error():
    raise RuntimeError("raised in a route")


@app.post("/body")
async def body(request: Request):
    digest = answers.Digest()
    async for piece in request.stream():
        digest.update(piece)
    return digest.answer()
