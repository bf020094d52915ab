-- A configuration as it was written for lsyncd 2.0 and 2.1. It loads with one warning for each old spelling, which says what
-- to write today; tsyncd -strict refuses it.

settings = {
    logfile         = "/var/log/lsyncd.log",
    statusFile      = "/tmp/lsyncd.stat",
    statusIntervall = 1,
}

sync {
    default.rsyncssh,
    source    = "/var/www",
    host      = "web2.example.com",
    targetdir = "/var/www",
    Delay     = 5,
    rsyncOpts = { "-rltvupgo", "--chmod=Dg+s" },
    xargs     = { binary = "/usr/bin/xargs", delimiter = "\0", _extra = { "-0", "rm", "-rf", "--" } },
}
