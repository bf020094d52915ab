-- Several syncs that share their options. What a sync says itself wins over the table it stands on; lists are joined.

settings { logfile = "/var/log/tsyncd/tsyncd.log", insist = true }

local nightly = {
    default.rsync,
    delay   = 10,
    delete  = "running", -- start up without deleting
    exclude = { "*.bak", "/tmp" },
    rsync   = { archive = true, _extra = { "--numeric-ids" } },
}

local remote = {
    nightly,
    rsync = { compress = true, rsh = "/usr/bin/ssh -p 22022 -i /etc/tsyncd/id_ed25519" },
}

sync { nightly, source = "/etc", target = "/mnt/backup/etc" }
sync { nightly, source = "/home", target = "/mnt/backup/home", exclude = { ".cache/" }, delay = 60 }
sync { remote, source = "/srv/mail", target = "backup.example.com:/srv/mail" }
