-- One half of a pair of servers that mirror each other; the other server has this file with the names exchanged.
-- `update` keeps the newer file, `delete = "running"` deletes only what is deleted while both run. There is no merging:
-- of two changes of one file at the same time the later one stays.

local other = os.getenv("PEER") or "server-b.example.com"

settings {
    logfile     = "/var/log/tsyncd/tsyncd.log",
    statusFile  = "/run/tsyncd/status",
    insist      = true,
    inotifyMode = "CloseWrite or Modify",
    delay       = 0,
}

sync {
    default.rsync,
    source = "/srv/shared",
    target = "sync@" .. other .. ":/srv/shared",
    delete = "running",
    rsync  = {
        update   = true,
        archive  = true,
        compress = true,
        temp_dir = "/var/tmp/tsyncd",
        rsh      = "/usr/bin/ssh -i /etc/tsyncd/id_ed25519",
    },
}
