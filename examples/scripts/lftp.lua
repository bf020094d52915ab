-- Mirrors a directory to an FTP server with lftp: all of it at the start, then the directories in which something changed, with all
-- below them. lftp gets its commands by stdin, so that the password is in no list of processes.

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

local function mirror(agent, directories)
    local config = agent.config
    local lines = {}
    for _, directory in ipairs(directories) do
        local from, to = config.source:sub(1, -2) .. directory, config.targetdir .. directory
        table.insert(lines, "mirror --reverse --delete " .. quoted(from) .. " " .. quoted(to))
    end
    spawn(agent, lftp, "<", commands(config, lines))
end

-- Without those that are in others.
local function topmost(directories)
    table.sort(directories)
    local top = {}
    for _, directory in ipairs(directories) do
        local last = top[#top]
        if not last or directory:sub(1, #last) ~= last then
            table.insert(top, directory)
        end
    end
    return top
end

function ftp.init(event)
    mirror(event, { "/" })
end

-- The directories in which something changed, not the files: one that is gone by now would hold up all others.
function ftp.action(inlet)
    local events = inlet.getEvents()
    local directories = events.getPaths(function(etype, path)
        return path:match("^(.*/)[^/]+/?$")
    end)
    mirror(events, topmost(directories))
end

sync {
    ftp,
    source    = source,
    host      = "ftp.example.com",
    user      = "www",
    pass      = password,
    targetdir = "/htdocs",
}
