-- Says what happens: the shortest way to see which events there are.

local source = os.getenv("SOURCE") or "/srv/data"

settings { nodaemon = true }

local say = {
    delay     = 1,
    onStartup = "echo watching ^source",
    onAttrib  = "echo attributes of ^pathname",
    onCreate  = "echo new ^pathname",
    onModify  = "echo changed ^pathname",
    onDelete  = "echo gone ^pathname",
    onMove    = "echo moved ^o.pathname to ^d.pathname",
}

sync { say, source = source }
