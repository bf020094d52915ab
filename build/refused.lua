-- What most configs have, but for a source: tsyncd ends with an error before it does anything.
settings { logfile = "/dev/null", statusFile = "/dev/null", statusInterval = 10, nodaemon = true }
sync {
  default.rsync,
  source = "/nonexistent/tsyncd",
  target = "/nonexistent/tsyncd-target",
  delay = 1,
  exclude = { "*.tmp" },
  rsync = { archive = true, compress = true },
}
sync { default.direct, source = "/nonexistent/tsyncd", target = "/nonexistent/tsyncd-target" }
