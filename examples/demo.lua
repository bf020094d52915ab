-- The local mirror that examples/demo.sh shows. TSYNCD_DEMO names the folder it works in.
local work = os.getenv("TSYNCD_DEMO") or error("please set TSYNCD_DEMO to a folder with source/ and target/")

settings {
	nodaemon = true,
}

sync {
	default.rsync,
	source = work .. "/source",
	target = work .. "/target",
	delay = 0.2,
	rsync = { archive = true },
}
