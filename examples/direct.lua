-- Two directories of one machine, with cp, mv and rm instead of rsync for each change: quick for small trees.

settings { nodaemon = true }

sync {
    default.direct,
    source       = "/home/me/notes",
    target       = "/home/me/public/notes",
    delay        = 0.5,
    maxProcesses = 2,
    exclude      = { "*~", ".#*" },
}
