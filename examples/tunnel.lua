-- To an rsync daemon that listens on its own machine only, through two ssh connections. Up to three rsyncs run at one
-- time; a file of more than 30 MB gets one of its own, and does not hold up the small ones. While no connection is up,
-- changes wait.

settings { logfile = "/var/log/tsyncd/tsyncd.log", statusFile = "/var/log/tsyncd/tsyncd.status" }

sync {
    default.rsync,
    tunnel = tunnel {
        command = {
            "ssh", "-N", "-i", "/etc/tsyncd/tunnel_key",
            "-o", "ExitOnForwardFailure=yes",
            "-o", "ServerAliveInterval=15",
            "-L", "^localhost:^localport:localhost:873",
            "tunnel@archive.example.com",
        },
        mode       = "pool",
        parallel   = 2,
        retryDelay = 10,
    },
    source         = "/srv/data",
    target         = "rsync://^localhost:^localport/data",
    delay          = 5,
    maxProcesses   = 3,
    batchSizeLimit = 30 * 1024 * 1024,
    rsync          = { archive = true, timeout = 120 },
}
