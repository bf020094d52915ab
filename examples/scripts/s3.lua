-- Uploads to a bucket with an external tool, here that of AWS. A moved file is moved within the bucket.

local source = os.getenv("SOURCE") or "/srv/uploads"
local aws = os.getenv("AWS") or "/usr/bin/aws"

settings { nodaemon = true }

local bucket = {
    delay        = 5,
    maxProcesses = 3,
    bucket       = "s3://example-uploads",
    checkgauge   = { bucket = true },
    exitcodes    = { [0] = "ok", [1] = "again", [255] = "again" },
}

local function key(event)
    return event.config.bucket .. "/" .. event.pathname
end

function bucket.onStartup(event)
    spawn(event, aws, "s3", "sync", "--delete", event.source, event.config.bucket)
end

function bucket.onCreate(event)
    if not event.isdir then
        spawn(event, aws, "s3", "cp", event.sourcePathname, key(event))
    end
end

bucket.onModify = bucket.onCreate

function bucket.onDelete(event)
    if event.isdir then
        spawn(event, aws, "s3", "rm", "--recursive", key(event) .. "/")
    else
        spawn(event, aws, "s3", "rm", key(event))
    end
end

function bucket.onMove(from, to)
    local recursive = from.isdir and "--recursive" or nil
    spawn(from, aws, "s3", "mv", recursive, key(from), key(to))
end

sync { bucket, source = source }
