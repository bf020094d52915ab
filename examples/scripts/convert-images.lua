-- Makes a small JPEG of each picture that is put into a directory, and takes it away with the picture.

local pictures = os.getenv("SOURCE") or "/srv/pictures"
local thumbnails = os.getenv("TARGET") or "/srv/www/thumbnails"
local convert = os.getenv("CONVERT") or "/usr/bin/convert"

settings { nodaemon = true }

local formats = { png = true, gif = true, tiff = true, jpg = true, jpeg = true }

-- Where the small one of a picture is; nil for what is no picture.
local function thumbnailOf(event)
    local base, extension = event.pathname:match("^(.+)%.(%w+)$")
    if event.isdir or not extension or not formats[extension:lower()] then
        return nil
    end
    return event.target .. "/" .. base:gsub("/", "_") .. ".jpg"
end

local function make(event)
    local thumbnail = thumbnailOf(event)
    if thumbnail then
        log("Normal", "makes ", thumbnail)
        spawn(event, convert, event.sourcePathname, "-resize", "200x200", thumbnail)
    end
end

local function remove(event)
    local thumbnail = thumbnailOf(event)
    if thumbnail then
        spawn(event, "/bin/rm", "-f", thumbnail)
    end
end

local small = {
    delay        = 1,
    maxProcesses = 2,
    onCreate     = make,
    onModify     = make,
    onDelete     = remove,
    exitcodes    = { [0] = "ok", [1] = "ok" }, -- a picture that is not whole yet
}

sync { small, source = pictures, target = thumbnails }
