-- POST of 20 MB, over and over.
local folder = debug.getinfo(1, "S").source:match("^@(.*)/")
dofile(folder .. "/report.lua")

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/octet-stream"
wrk.body = string.rep("0123456789abcdef", 1250000)

function done(summary, latency, requests)
    report(summary, latency)
end
