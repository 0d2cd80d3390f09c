-- GET of the path that wrk was given, but every 500th request sleeps for 10 ms.
local folder = debug.getinfo(1, "S").source:match("^@(.*)/")
dofile(folder .. "/report.lua")

local count, plain, sleeper = 0, nil, nil

function request()
    if not plain then
        plain = wrk.format("GET", wrk.path)
        sleeper = wrk.format("GET", "/sleep?ms=10")
    end
    count = count + 1
    return count % 500 == 0 and sleeper or plain
end

function done(summary, latency, requests)
    report(summary, latency)
end
