"""The commands that measure the parts of the report for which the document has no data."""

MISSING = {
    "article": "Express and FastAPI are not in these results: ./dev bench peers measures them.",
    "throughput": "Nothing was measured: ./dev bench measures every model.",
    "phases": "No cell has phases; ./dev bench measures tandem's models, which have.",
    "percentiles": "No cell has curves of its latency: ./dev bench measures them.",
    "connections": "Only one number of connections was measured: ./dev bench connections measures from 1 to 4096.",
    "rates": "No open loop was driven: ./dev bench rate measures latency against the rate that was intended.",
    "memory": "Memory was measured with one number of connections only: ./dev bench connections has several.",
    "claims": "The article's claims were not judged: ./dev bench claims does.",
}
