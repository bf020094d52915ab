-- Does what default.rsync does, and runs a command after each transfer, for instance to clear a cache at the target.

local source = os.getenv("SOURCE") or "/srv/www"
local target = os.getenv("TARGET") or "/mnt/www"
local command = os.getenv("POSTCMD") or "/usr/local/bin/clear-cache"

settings { nodaemon = true }

-- Commands that wait to be run, by the event that stands for them.
local function isCommand(event)
    return event.etype == "Blanket" and rawget(event, "isPostcmd")
end

local mirror = {
    default.rsync,
    delay      = 5,
    postcmd    = command,
    checkgauge = { default.rsync.checkgauge, postcmd = true },
}

function mirror.action(inlet)
    local event = inlet.getEvent()
    if event.etype == "Blanket" then
        event.isPostcmd = true
        local config = inlet.getConfig()
        log("Normal", "runs ", config.postcmd)
        spawn(event, config.postcmd, config.target)
    else
        default.rsync.action(inlet)
    end
end

function mirror.collect(agent, exitcode)
    local config = agent.config

    if agent.isList then
        if exitcode == 0 then
            mirror.inlet.createBlanketEvent()
        end
    elseif isCommand(agent) then
        log("Normal", config.postcmd, " gave ", exitcode)
        return
    elseif exitcode == 0 then
        mirror.inlet.createBlanketEvent()
    end

    return default.collect(agent, exitcode)
end

mirror.inlet = sync { mirror, source = source, target = target }
