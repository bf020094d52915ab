-- Hands what changed to csync2, which brings it to the other hosts of its group. Each directory has a configuration of csync2 of its
-- own, named by `syncid`: csync2_www.cfg for the syncid "www".

local csync2 = os.getenv("CSYNC2") or "/usr/sbin/csync2"
local configs = os.getenv("CSYNC2_CONFIGS") or "/etc/csync2"
local directories = { www = "/srv/www", mail = "/srv/mail" }

settings {
    logfile  = "/var/log/tsyncd/tsyncd.log",
    nodaemon = true,
}

local function verdictOn(config, exitcode)
    if config.exitcodes then
        return config.exitcodes[exitcode]
    end
    return exitcode == 0 and "ok" or "die"
end

local group = {
    delay        = 1,
    maxProcesses = 1,
    exitcodes    = { [0] = "ok", [1] = "again", [2] = "die" },
}

-- Refuses a syncid that csync2 does not know, before anything starts.
function group.prepare(config, level)
    if not config.syncid then
        error("a sync on csync2 needs a syncid", level)
    end
    local file, reason = io.open(configs .. "/csync2_" .. config.syncid .. ".cfg")
    if not file then
        error("no such syncid: " .. reason, level)
    end
    file:close()
end

function group.init(event)
    local config = event.inlet.getConfig()
    log("Normal", "csync2 checks all of ", config.syncid)
    spawn(event, csync2, "-C", config.syncid, "-xr")
end

-- All that changed in one go; csync2 is told the paths for its log only, it finds them by itself.
function group.action(inlet)
    local config = inlet.getConfig()
    local events = inlet.getEvents(function(event)
        return event.etype ~= "Init"
    end)
    local paths = events.getPaths(function(etype, path)
        return etype .. " " .. config.source:sub(1, -2) .. path
    end)
    log("Normal", "csync2 takes from ", config.syncid, ":\n", table.concat(paths, "\n"))
    spawn(events, csync2, "-C", config.syncid, "-x")
end

function group.collect(agent, exitcode)
    local verdict = verdictOn(agent.config, exitcode)
    local what = "the changes of " .. agent.config.syncid
    if not agent.isList then
        what = agent.etype .. " of " .. agent.sourcePath
    end

    if verdict == "ok" then
        log("Normal", "csync2 is done with ", what)
    elseif verdict == "again" then
        log("Normal", "csync2 tries again: ", what, " gave ", exitcode)
    else
        log("Error", "csync2 cannot do ", what, ": it gave ", exitcode)
        if not agent.isList and agent.etype == "Init" then
            terminate(2)
        end
    end
    return verdict
end

for syncid, directory in pairs(directories) do
    sync { group, source = directory, syncid = syncid }
end
