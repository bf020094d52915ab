import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { compile } from '../daemonize/compile.ts';
import type { Compiled } from '../daemonize/compile.ts';

const canUnshare = spawnSync('unshare', ['-rm', 'true']).status === 0;
const mustRun = process.env['TSYNCD_TEST_NO_SKIP'] === '1';
const programs = {
  fullDisk: 'test/os/fixtures/full-disk.ts',
  syslog: 'test/os/fixtures/syslog.ts',
  syslogd: 'test/os/fixtures/syslogd.ts',
};

let compiled: Compiled;

/** Runs a shell script that may mount what it likes: in a mount namespace of its own, which nobody else sees. `$1` is a directory for it. */
function runWithOwnMounts(script: string, args: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'tsyncd-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const words = ['-rm', 'sh', '-ec', script, 'sh', directory, process.execPath, ...args];
  return spawnSync('unshare', words, { encoding: 'utf8', timeout: 30_000 });
}

beforeAll(() => {
  compiled = compile(Object.values(programs));
});

afterAll(() => compiled.remove());

describe.skipIf(!canUnshare && !mustRun)('openSyslog()', () => {
  it('sends priority, ident and text as they are, in lsyncd’s form', () => {
    const script = `
      for device in null zero urandom; do touch "$1/$device"; mount --bind "/dev/$device" "$1/$device"; done
      mount --rbind "$1" /dev
      exec "$2" "$3" "$4"`;
    const { stdout, stderr } = runWithOwnMounts(script, [
      compiled.path(programs.syslogd),
      compiled.path(programs.syslog),
    ]);
    const messages = stdout.replaceAll(/(<\d+>)\w{3} [ \d]\d \d\d:\d\d:\d\d /gu, '$1');
    expect(messages + stderr).toBe(
      '<157>idt: Normal, --- Startup ---\u0000<11>tsyncd: Error, %s %n ä\nnext line\u0000',
    );
  });
});

describe.skipIf(!canUnshare && !mustRun)('a log file on a full disk', () => {
  it('costs lines, but says how many, and no line is cut', () => {
    const script = `
      mount -t tmpfs -o size=64k none "$1"
      "$2" "$3" "$1/log" "$1/ballast" >/dev/null
      cat "$1/log"`;
    const { stdout, stderr } = runWithOwnMounts(script, [compiled.path(programs.fullDisk)]);
    expect(stderr).toMatch(/^[\d:]{8} Error: Cannot write logfile \[[^\n]*ENOSPC[^\n]*\n$/u);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/ Normal: first$/u);
    expect(lines.at(-1)).toMatch(/ Normal: last$/u);
    const lost = Number(/^Warn: (\d+) messages could not be written here$/u.exec(lines.at(-2) ?? '')?.[1]);
    const whole = lines.filter((line) => / Normal: line \d+ x{100}$/u.test(line));
    expect(lost).toBeGreaterThan(0);
    expect(whole.length + lost).toBe(200);
  });
});
