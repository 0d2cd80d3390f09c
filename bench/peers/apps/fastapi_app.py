"""The FastAPI route of the article "Node.js vs Python"."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def read_root():
    return {"Hello": "World"}
