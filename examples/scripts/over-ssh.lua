-- To another machine over ssh, with a key, a port and options of its own; moves and deletes are done there.

local source = os.getenv("SOURCE") or "/srv/www"
local target = os.getenv("TARGET") or "/srv/www"
local host = os.getenv("SSH_HOST") or "web1.example.com"
local key = os.getenv("SSH_KEY") or "/etc/tsyncd/id_ed25519"
local known = os.getenv("SSH_KNOWN_HOSTS") or "/etc/tsyncd/known_hosts"
local port = tonumber(os.getenv("SSH_PORT") or "22")

settings { nodaemon = true }

sync {
    default.rsyncssh,
    source    = source,
    host      = host,
    targetdir = target,
    delay     = 2,
    rsync     = { archive = true, _extra = { "--omit-dir-times" } },
    ssh       = {
        port         = port,
        identityFile = key,
        options      = { UserKnownHostsFile = known, StrictHostKeyChecking = "yes", BatchMode = "yes" },
    },
}
