-- For a cluster file system whose other copy is only brought up to date when somebody looks: touches, through the mounted file system,
-- what changed in the directory behind it.

local bricks = os.getenv("SOURCE") or "/srv/brick"
local mount = os.getenv("TARGET") or "/mnt/cluster"
local touch = os.getenv("TOUCH") or "/usr/bin/touch"

settings { nodaemon = true }

local function look(event)
    spawn(event, touch, "-c", "-h", event.targetPathname)
end

local force = {
    delay        = 2,
    maxProcesses = 4,
    onCreate     = look,
    onModify     = look,
    onAttrib     = function(event)
        -- touch itself is an Attrib: it must not go on for ever.
        log("Debug", "attributes of ", event.pathname)
    end,
    onMove       = function(from, to)
        spawn(from, touch, "-c", "-h", from.targetPathname, to.targetPathname)
    end,
    onDelete     = look,
}

sync { force, source = bricks, target = mount }
