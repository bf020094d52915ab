-- A behaviour of one's own around rsync: one rsync for all at the start, then one for each heap of changes, told by its stdin what to
-- send. What is gone at the source is left at the target.

local source = os.getenv("SOURCE") or "/srv/data"
local target = os.getenv("TARGET") or "/mnt/copy"
local rsync = os.getenv("RSYNC") or "/usr/bin/rsync"

settings { nodaemon = true }

local send = {
    delay        = 3,
    maxProcesses = 1,
    exitcodes    = default.rsyncExitCodes,
}

function send.init(event)
    log("Normal", "sends all of ", event.source)
    spawn(event, rsync, "-a", event.source, event.target)
end

function send.action(inlet)
    local config = inlet.getConfig()
    local events = inlet.getEvents()
    local names, seen = {}, {}

    for _, path in ipairs(events.getPaths(function(etype, path, path2)
        if etype == "Delete" then
            return nil
        end
        return path2 or path
    end)) do
        if not seen[path] then
            seen[path] = true
            table.insert(names, path)
        end
    end

    log("Normal", "sends ", #names, " of ", config.source)
    spawn(events, rsync, "<", table.concat(names, "\0"),
        "-a", "--files-from=-", "--from0", "--ignore-missing-args", config.source, config.target)
end

function send.collect(agent, exitcode)
    local verdict = agent.config.exitcodes[exitcode]
    log(verdict == "ok" and "Normal" or "Error", "rsync gave ", exitcode)
    return verdict
end

sync { send, source = source, target = target }
