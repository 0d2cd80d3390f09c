"""FastAPI's route as the article "Node.js vs Python" has it."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def read_root():
    return {"Hello": "World"}
