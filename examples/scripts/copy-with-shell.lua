-- Keeps a copy with cp, mv and rm alone. A text is for the shell; each name reaches it as an argument of its own, whatever is in it.

local source = os.getenv("SOURCE") or "/srv/data"
local target = os.getenv("TARGET") or "/mnt/copy"

settings { nodaemon = true }

local copy = {
    delay     = 1,
    onStartup = [[mkdir -p ^target && cp -a ^source. ^target]],
    onCreate  = [[if [ -d ^sourcePathname ]; then mkdir -p ^targetPathname; else cp -p ^sourcePathname ^targetPathname; fi]],
    onModify  = [[cp -p ^sourcePathname ^targetPathname]],
    onAttrib  = [[chmod --reference=^sourcePathname ^targetPathname]],
    onDelete  = [[rm -rf ^targetPathname]],
    onMove    = [[mv -T ^o.targetPathname ^d.targetPathname || cp -a ^d.sourcePathname ^d.targetPathdir]],

    -- What changed again meanwhile is copied when its next event comes.
    exitcodes = { [0] = "ok", [1] = "ok" },
}

sync { copy, source = source, target = target }
