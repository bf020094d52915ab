-- Mirrors one directory to another on this machine, for instance a data disk to a backup disk.
-- The target is not touched while it is not mounted: keep it a subdirectory of the mount point.

settings {
    logfile    = "/var/log/tsyncd/tsyncd.log",
    statusFile = "/run/tsyncd/status",
    insist     = true,
}

sync {
    default.rsync,
    source  = "/srv/data",
    target  = "/mnt/backup/data",
    delay   = 5,
    exclude = { "*.tmp", "*.swp", ".cache/", "/lost+found" },
    rsync   = {
        archive    = true,
        hard_links = true,
        acls       = true,
        xattrs     = true,
    },
}
