"""A Flask app with a route for each common use of the framework."""

import answers
from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.get("/")
def root():
    return {"message": "Hello, World!"}


@app.get("/query")
def query():
    return answers.of_query(request.args["name"], request.args.getlist("tag"))


@app.post("/form")
def form():
    return jsonify(dict(request.form))


@app.post("/json")
def json():
    return {"got": request.get_json()}


@app.post("/upload")
def upload():
    file = request.files["file"]
    return answers.of_upload(file.filename, file.read())


@app.get("/download")
def download():
    headers = {"Content-Disposition": 'attachment; filename="all.bin"'}
    return Response(answers.DOWNLOAD, mimetype="application/octet-stream", headers=headers)


@app.get("/stream")
def stream():
    return Response(iter(answers.PIECES), mimetype="text/plain")


@app.get("/visits")
def visits():
    visit = answers.next_visit(request.cookies.get("visits"))
    response = jsonify(visits=visit)
    response.set_cookie("visits", visit)
    return response


@app.get("/error")
def error():
    raise RuntimeError("raised in a route")


@app.post("/body")
def body():
    digest = answers.Digest()
    while piece := request.stream.read(65536):
        digest.update(piece)
    return digest.answer()
