-- POST of 1 KiB, over and over.
local folder = debug.getinfo(1, "S").source:match("^@(.*)/")
dofile(folder .. "/report.lua")

wrk.method = "POST"
wrk.headers["Content-Type"] = "text/plain"
wrk.body = string.rep("0123456789abcdef", 64)

function done(summary, latency, requests)
    report(summary, latency)
end
