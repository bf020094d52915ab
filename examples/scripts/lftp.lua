-- Mirrors a directory to an FTP server with lftp: all of it at the start, then what changed. lftp gets its commands by stdin, so that
-- the password is in no list of processes.

local source = os.getenv("SOURCE") or "/srv/www"
local lftp = os.getenv("LFTP") or "/usr/bin/lftp"
local password = os.getenv("FTP_PASSWORD") or "secret"

settings { nodaemon = true }

-- lftp's own quoting: double quotes, with a backslash before what means something in them.
local function quoted(text)
    return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

local function commands(config, lines)
    table.insert(lines, 1, "open -u " .. config.user .. "," .. quoted(config.pass) .. " " .. config.host)
    table.insert(lines, 2, "set cmd:fail-exit true")
    table.insert(lines, "bye")
    return table.concat(lines, "\n") .. "\n"
end

local ftp = {
    delay        = 10,
    maxProcesses = 1,
    exitcodes    = { [0] = "ok", [1] = "again" },
    checkgauge   = { host = true, user = true, pass = true, targetdir = true },
}

function ftp.init(event)
    local config = event.config
    local mirror = "mirror -R -e " .. quoted(event.source) .. " " .. quoted(config.targetdir)
    spawn(event, lftp, "<", commands(config, { mirror }))
end

function ftp.action(inlet)
    local config = inlet.getConfig()
    local lines = {}
    local events = inlet.getEvents()

    events.getPaths(function(etype, path)
        local remote = quoted(config.targetdir .. path)
        if etype == "Delete" then
            table.insert(lines, "rm -rf " .. remote)
        elseif path:sub(-1) == "/" then
            table.insert(lines, "mkdir -f " .. remote)
        elseif etype ~= "Attrib" then
            table.insert(lines, "put " .. quoted(config.source:sub(1, -2) .. path) .. " -o " .. remote)
        end
    end)

    spawn(events, lftp, "<", commands(config, lines))
end

sync {
    ftp,
    source    = source,
    host      = "ftp.example.com",
    user      = "www",
    pass      = password,
    targetdir = "/htdocs",
}
