-- One content tree to several web servers, over ssh with its own key and port. Moves and deletes run on the servers
-- themselves, so that a renamed directory is not sent again.

settings {
    logfile        = "/var/log/tsyncd/tsyncd.log",
    statusFile     = "/run/tsyncd/status",
    statusInterval = 20,
    insist         = true,
    maxProcesses   = 4, -- over all syncs
}

local servers = { "web1.example.com", "web2.example.com", "web3.example.com" }

for _, server in ipairs(servers) do
    sync {
        default.rsyncssh,
        name      = server,
        source    = "/var/www/html",
        host      = "deploy@" .. server,
        targetdir = "/var/www/html",
        delay     = 3,
        exclude   = { ".git", "/cache/***", "*.log" },
        rsync     = {
            archive  = true,
            compress = true,
            chmod    = "D755,F644",
            _extra   = { "--omit-dir-times" },
        },
        ssh       = {
            port         = 2222,
            identityFile = "/etc/tsyncd/id_ed25519",
            options      = { StrictHostKeyChecking = "yes", ConnectTimeout = 10 },
        },
    }
end
