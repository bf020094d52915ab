-- Says in a channel of a chat server what happens in a directory. The words go through a socket that bash opens; a bouncer or a small
-- daemon on this machine keeps the connection to the channel.

local source = os.getenv("SOURCE") or "/srv/incoming"
local port = os.getenv("PORT") or "6667"

settings { nodaemon = true }

-- "$0" is the port, "$1" the line; line ends in a name would be commands of their own.
local tell = [[exec 3<>"/dev/tcp/127.0.0.1/$0" && printf 'PRIVMSG %s :%s\r\n' "#files" "${1//[$'\r\n']/?}" >&3]]

local function sayer(what)
    return function(event, event2)
        local line = what .. " " .. event.pathname
        if event2 then
            line = line .. " to " .. event2.pathname
        end
        spawn(event, "/bin/bash", "-c", tell, port, line)
    end
end

local notice = {
    delay        = 1,
    maxProcesses = 1,
    onCreate     = sayer("new:"),
    onDelete     = sayer("gone:"),
    onMove       = sayer("moved:"),
    exitcodes    = { [0] = "ok", [1] = "ok" }, -- nobody listens: never mind
}

sync { notice, source = source }
