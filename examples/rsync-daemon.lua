-- To a module of an rsync daemon. Nothing is ever deleted there: it is an archive.

settings { logfile = "/var/log/tsyncd/tsyncd.log", insist = true }

sync {
    default.rsync,
    source = "/srv/incoming",
    target = "backup@archive.example.com::incoming",
    delete = false,
    delay  = 30,
    rsync  = {
        times         = true,
        compress      = true,
        bwlimit       = 2000,
        timeout       = 120,
        password_file = "/etc/tsyncd/rsync.password",
        partial_dir   = ".rsync-partial",
        mkpath        = true,
    },
}
