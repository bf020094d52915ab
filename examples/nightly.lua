-- Changes go over at once; and each night everything is compared, so that what somebody changed on the target is put
-- right too. The fields are: second, minute, hour, day of the month, month, day of the week.

settings { logfile = "/var/log/tsyncd/tsyncd.log" }

sync {
    default.rsync,
    source  = "/srv/data",
    target  = "/mnt/backup/data",
    crontab = {
        "0 30 2 * * mon-sat",  -- every night at half past two
        "0 0 5 * * sun",       -- on Sundays later
    },
    rsync   = { archive = true },
}
