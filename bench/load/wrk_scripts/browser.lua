-- GET with the ten fields of a browser, over and over. A cookie fills the head up to 600 bytes, with whatever path and port.
local folder = debug.getinfo(1, "S").source:match("^@(.*)/")
dofile(folder .. "/report.lua")

local HEAD_BYTES = 600

function init(args)
    local fields = wrk.headers
    fields["Connection"] = "keep-alive"
    fields["Upgrade-Insecure-Requests"] = "1"
    fields["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
    fields["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    fields["Accept-Language"] = "en-GB,en;q=0.9"
    fields["Accept-Encoding"] = "gzip, deflate, br"
    fields["Sec-Fetch-Mode"] = "navigate"
    fields["Sec-Fetch-Site"] = "none"
    fields["Cookie"] = "session="
    local missing = HEAD_BYTES - #wrk.format()
    if missing < 0 then
        error("the head has " .. HEAD_BYTES - missing .. " bytes without a cookie")
    end
    fields["Cookie"] = "session=" .. string.rep("0123456789abcdef", math.ceil(missing / 16)):sub(1, missing)
end

function done(summary, latency, requests)
    report(summary, latency)
end
