-- Tells every minute how much happened, by an alarm that sets the next one.

local source = os.getenv("SOURCE") or "/srv/data"
local period = tonumber(os.getenv("PERIOD") or "60")

settings { nodaemon = true }

local counts = { Create = 0, Modify = 0, Delete = 0 }

local function report(time, state)
    log("Normal", "report ", state.number, ": ", counts.Create, " new, ", counts.Modify, " changed, ", counts.Delete, " gone")
    alarm(time + period, report, { number = state.number + 1 })
end

local function count(event)
    counts[event.etype] = counts[event.etype] + 1
end

alarm(now() + period, report, { number = 1 })

sync {
    { delay = 1, onCreate = count, onModify = count, onDelete = count },
    source = source,
}
