-- Keeps a bucket as a directory is, with rclone. It gets the paths that changed by stdin, as rules: it uploads those, removes from the
-- bucket what is gone, and looks at nothing else.

local source = os.getenv("SOURCE") or "/srv/uploads"
local rclone = os.getenv("RCLONE") or "/usr/bin/rclone"

settings { nodaemon = true }

local bucket = {
    delay        = 5,
    maxProcesses = 1,
    checkgauge   = { bucket = true },
    exitcodes    = { [0] = "ok", [1] = "again", [5] = "again", [6] = "again" },
}

-- A directory stands for all in it.
local function ruleFor(path)
    local rule = "+ " .. path:gsub("[][*?{}\\]", "\\%0")
    return path:sub(-1) == "/" and rule .. "**" or rule
end

function bucket.init(event)
    spawn(event, rclone, "sync", event.source, event.config.bucket)
end

function bucket.action(inlet)
    local config = inlet.getConfig()
    local events = inlet.getEvents()
    local rules, seen = {}, {}
    for _, path in ipairs(events.getPaths()) do
        if not seen[path] then
            seen[path] = true
            table.insert(rules, ruleFor(path))
        end
    end
    log("Normal", "brings ", #rules, " paths of ", config.bucket, " up to date")
    table.insert(rules, "- **\n")
    spawn(events, rclone, "<", table.concat(rules, "\n"), "sync", "--filter-from", "-", config.source, config.bucket)
end

sync { bucket, source = source, bucket = "s3:example-uploads" }
