"""A Flask app with a single route."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def read_root():
    return {"Hello": "World"}
