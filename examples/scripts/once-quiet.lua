-- Runs a command once a directory has been quiet for a while: what is too much for each single change, such as building a site. An
-- alarm asks for a blanket event, which waits until nothing else is under way.

local source = os.getenv("SOURCE") or "/srv/pages"
local target = os.getenv("TARGET") or "/srv/www"
local quiet = tonumber(os.getenv("QUIET") or "10")
local command = os.getenv("COMMAND") or 'hugo --source "$1" --destination "$2"'

settings { nodaemon = true }

local lastChange, isSet = nil, false

-- An alarm cannot be moved: if there were changes since, another is set.
local function ring(time, inlet)
    if now() < lastChange + quiet then
        alarm(lastChange + quiet, ring, inlet)
        return
    end
    isSet = false
    inlet.createBlanketEvent()
end

local build = { delay = 0, maxProcesses = 1 }

function build.action(inlet)
    local event = inlet.getEvent()
    if event.etype == "Blanket" then
        log("Normal", "quiet by now: runs ", command)
        spawnShell(event, command, event.source, event.target)
        return
    end
    inlet.discardEvent(event)
    lastChange = now()
    if not isSet then
        isSet = true
        alarm(lastChange + quiet, ring, inlet)
    end
end

sync { build, source = source, target = target }
