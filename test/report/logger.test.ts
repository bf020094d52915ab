import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError, MachineError } from '../../src/errors.ts';
import { canWrite } from '../../src/os/poll.ts';
import type { SyslogOptions } from '../../src/os/syslog.ts';
import { createLogger } from '../../src/report/logger.ts';
import { resolveFacility } from '../../src/report/syslog-codes.ts';
import { FakeClock } from './fake-clock.ts';
import { makeTempDir } from './temp-dir.ts';

function setUp(start?: Date) {
  const directory = makeTempDir();
  const streams = {
    stdout: openSync(join(directory, 'out'), 'a'),
    stderr: openSync(join(directory, 'err'), 'a'),
  };
  const sent: string[] = [];
  const openSyslog = ({ ident, facility }: SyslogOptions) => ({
    write: (priority: number, text: string) => void sent.push(`${ident}<${facility | priority}> ${text}`),
    close: () => undefined,
  });
  const logger = createLogger({
    programName: 'tsyncd',
    clock: new FakeClock(start),
    openSyslog,
    canWrite,
    streams,
  });
  onTestFinished(() => {
    logger.close();
    closeSync(streams.stdout);
    closeSync(streams.stderr);
  });
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  return { directory, logfile: join(directory, 'log'), logger, read, sent };
}

const child = {
  out: Buffer.from('from a child\n'),
  rest: Buffer.from('no end'),
  bytes: Buffer.from([0xff, 0x0a]),
};

describe('createLogger()', () => {
  it('says everything on stderr, without a time, before the startup', () => {
    const { logger, read } = setUp();
    logger('Error', 'Nothing to watch!');
    logger('Warn', 'conf.lua:3: old');
    logger('Normal', 'n');
    expect(read('err')).toBe('Error: Nothing to watch!\nWarn: conf.lua:3: old\nNormal: n\n');
    expect(read('out')).toBe('');
  });

  it('writes lsyncd’s lines to the terminal, errors to stderr, and both to the log file', () => {
    const { logfile, logger, read } = setUp(new Date(2026, 0, 6, 3, 4, 5));
    logger.configure({ logfile });
    logger.startup({ isDaemon: false });
    logger('Normal', '--- Startup ---');
    logger('Warn', 'w');
    logger('Error', 'e');
    expect(read('out')).toBe('03:04:05 Normal: --- Startup ---\n03:04:05 Warn: w\n');
    expect(read('err')).toBe('03:04:05 Error: e\n');
    expect(read('log')).toBe(
      'Tue Jan  6 03:04:05 2026 Normal: --- Startup ---\nTue Jan  6 03:04:05 2026 Warn: w\nTue Jan  6 03:04:05 2026 Error: e\n',
    );
  });

  it('says nothing on the terminal once a daemon is detached', () => {
    const { logfile, logger, read, sent } = setUp();
    logger.configure({ logfile });
    logger.startup({ isDaemon: true });
    logger('Normal', '--- Startup, daemonizing ---');
    logger.detach();
    logger('Error', 'e');
    logger.childOutput('stderr', child.bytes);
    expect(read('out')).toBe('15:51:18 Normal: --- Startup, daemonizing ---\n');
    expect(read('err')).toBe('');
    expect(readFileSync(logfile, 'latin1').split('\n').slice(1)).toEqual([
      'Fri Nov 20 15:51:18 2026 Error: e',
      '\u00FF',
      '',
    ]);
    expect(sent).toEqual([]);
  });

  it('sends to syslog as lsyncd does when a daemon has no log file', () => {
    const { logger, read, sent } = setUp();
    logger.configure({ logident: 'idt', logfacility: 'local3', log: ['all'] });
    logger.startup({ isDaemon: true });
    logger('Normal', '--- Startup, daemonizing ---');
    logger.detach();
    for (const category of ['Normal', 'Warn', 'Error', 'Exec']) logger(category, 'x');
    logger.childOutput('stderr', Buffer.from('rsync: a\nrsync'));
    logger.childOutput('stderr', Buffer.from(': b\n\n'));
    logger.childOutput('stdout', child.rest);
    logger.close();
    expect(sent).toEqual([
      'idt<157> Normal, --- Startup, daemonizing ---',
      'idt<157> Normal, x',
      'idt<156> Warn, x',
      'idt<155> Error, x',
      'idt<159> Exec, x',
      'idt<156> rsync: a',
      'idt<156> rsync: b',
      'idt<157> no end',
    ]);
    expect(read('out')).toBe('15:51:18 Normal: --- Startup, daemonizing ---\n');
  });

  it('never sends to syslog in the foreground', () => {
    const { logger, sent } = setUp();
    logger.startup({ isDaemon: false });
    logger('Error', 'e');
    logger.childOutput('stderr', child.out);
    expect(sent).toEqual([]);
  });

  it('passes what a child prints to stdout and stderr in the foreground, byte for byte', () => {
    const { directory, logfile, logger, read } = setUp();
    logger.configure({ logfile });
    logger.startup({ isDaemon: false });
    logger.childOutput('stdout', child.rest);
    logger.childOutput('stderr', child.bytes);
    expect(read('out')).toBe('no end');
    expect(readFileSync(join(directory, 'err'))).toEqual(child.bytes);
    expect(read('log')).toBe('');
  });

  const selections: readonly (readonly [log: string[], shown: string[]])[] = [
    [[], ['Normal', 'Warn', 'Error']],
    [['Exec'], ['Normal', 'Warn', 'Error', 'Exec']],
    [['scarce'], ['Warn', 'Error']],
    [
      ['scarce', 'Exec'],
      ['Warn', 'Error', 'Exec'],
    ],
    [['Nosuch'], ['Normal', 'Warn', 'Error']],
    [['all'], ['Normal', 'Warn', 'Error', 'Exec', 'Delay']],
    [
      ['all', 'scarce'],
      ['Normal', 'Warn', 'Error', 'Exec', 'Delay'],
    ],
    [
      ['scarce', 'all'],
      ['Warn', 'Error'],
    ],
  ];
  it.each(selections)('with -log %j shows %j', (log, shown) => {
    const { logger, read } = setUp();
    logger.configure({ log });
    const categories = ['Normal', 'Warn', 'Error', 'Exec', 'Delay'];
    expect(categories.filter((category) => logger.isOn(category))).toEqual(shown);
    for (const category of categories) logger(category, 'x');
    expect(read('err')).toBe(shown.map((category) => `${category}: x\n`).join(''));
  });

  it('writes lines of JSON when asked, to the file and to the terminal, children’s output included', () => {
    const { logfile, logger, read } = setUp(new Date(Date.UTC(2026, 10, 20, 15, 51, 18)));
    logger.configure({ logfile, logformat: 'json', log: ['Exec'] });
    logger.startup({ isDaemon: false });
    logger('Exec', 'a "b"\n%s %d {"c":1}');
    logger('Error', 'e');
    logger.childOutput('stderr', Buffer.from('one\ntwo'));
    const time = '2026-11-20T15:51:18.000Z';
    const lines = read('log').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'debug', time, category: 'Exec', msg: 'a "b"\n%s %d {"c":1}' },
      { level: 'error', time, category: 'Error', msg: 'e' },
      { level: 'debug', time, category: 'Child', stream: 'stderr', msg: 'one' },
    ]);
    expect(read('out')).toBe(`${lines[0]}\n${lines[2]}\n`);
    expect(read('err')).toBe(`${lines[1]}\n`);
  });

  it('writes percent signs and placeholders as they are', () => {
    const { logger, read } = setUp();
    logger('Normal', '%s %d %j %o %% {}');
    expect(read('err')).toBe('Normal: %s %d %j %o %% {}\n');
  });

  it('keeps the lines of a list, and escapes what would move a terminal’s cursor', () => {
    const { logger, read } = setUp();
    logger('Normal', 'list\n/a\tb\n/\u001B[2J\r');
    expect(read('err')).toBe('Normal: list\n/a\tb\n/\\x1b[2J\\r\n');
  });

  describe('with a log file', () => {
    it('creates it with mode 644 and appends to one that is there', () => {
      const { logfile, logger, read } = setUp();
      logger.configure({ logfile });
      expect(existsSync(logfile)).toBe(false);
      logger.startup({ isDaemon: false });
      expect(statSync(logfile).mode & 0o777).toBe(0o644 & ~process.umask());
      writeFileSync(logfile, 'before\n');
      logger('Normal', 'n');
      expect(read('log')).toBe('before\nFri Nov 20 15:51:18 2026 Normal: n\n');
    });

    it('goes on in a new file when it is moved or deleted', () => {
      const { directory, logfile, logger, read } = setUp();
      logger.configure({ logfile });
      logger.startup({ isDaemon: false });
      logger('Normal', '1');
      renameSync(logfile, join(directory, 'log.1'));
      logger('Normal', '2');
      rmSync(logfile);
      logger('Normal', '3');
      expect(read('log.1')).toMatch(/ 1\n$/u);
      expect(read('log')).toMatch(/^[^\n]* 3\n$/u);
    });

    it('refuses at the startup what cannot be opened, in lsyncd’s words', () => {
      const { logger } = setUp();
      logger.configure({ logfile: '/nonexistent/dir/log' });
      expect(() => logger.startup({ isDaemon: false })).toThrow(
        new MachineError('Cannot open logfile [/nonexistent/dir/log]!'),
      );
    });

    it('does not follow a symlink in a directory that everybody may write to', () => {
      const { directory, logger } = setUp();
      const open = join(directory, 'open');
      mkdirSync(open);
      chmodSync(open, 0o1777);
      writeFileSync(join(directory, 'precious'), 'precious');
      symlinkSync('../precious', join(open, 'log'));
      logger.configure({ logfile: join(open, 'log') });
      expect(() => logger.startup({ isDaemon: false })).toThrow(/^Cannot open logfile \[.*\]! \(ELOOP/u);
      expect(readFileSync(join(directory, 'precious'), 'utf8')).toBe('precious');
    });

    it('follows a symlink in a directory of our own', () => {
      const { directory, logfile, logger, read } = setUp();
      symlinkSync(join(directory, 'real'), logfile);
      logger.configure({ logfile });
      logger.startup({ isDaemon: false });
      logger('Normal', 'n');
      expect(read('real')).toMatch(/ Normal: n\n$/u);
    });

    it('says once when it cannot be opened any more, keeps the old one, and goes on when it can', () => {
      const { directory, logger, read } = setUp();
      const sub = join(directory, 'sub');
      mkdirSync(sub);
      logger.configure({ logfile: join(sub, 'log') });
      logger.startup({ isDaemon: false });
      renameSync(sub, join(directory, 'moved'));
      logger('Normal', '1');
      logger('Normal', '2');
      expect(read('err')).toMatch(/^15:51:18 Error: Cannot write logfile \[[^\n]*\n$/u);
      expect(read('moved/log')).toMatch(/^[^\n]* 1\n[^\n]* 2\n$/u);
      mkdirSync(sub);
      logger('Normal', '3');
      expect(read('sub/log')).toMatch(/^[^\n]* 3\n$/u);
    });

    it('survives a device that takes nothing', () => {
      const { logger, read, sent } = setUp();
      logger.configure({ logfile: '/dev/full' });
      logger.startup({ isDaemon: false });
      logger('Normal', '1');
      logger('Normal', '2');
      expect(read('out')).toBe('15:51:18 Normal: 1\n15:51:18 Normal: 2\n');
      expect(sent).toEqual([]);
    });

    it('stays silent after close(), whatever its descriptor is used for by then', () => {
      const { directory, logfile, logger } = setUp();
      logger.configure({ logfile });
      logger.startup({ isDaemon: false });
      logger.detach();
      logger.close();
      const fd = openSync(join(directory, 'precious'), 'w');
      logger('Normal', 'n');
      closeSync(fd);
      expect(readFileSync(join(directory, 'precious'), 'utf8')).toBe('');
      expect(readFileSync(logfile, 'utf8')).toBe('');
    });
  });

  describe('when it is configured anew while it runs', () => {
    it('takes categories, facility and log file', () => {
      const { directory, logfile, logger, read, sent } = setUp();
      logger.configure({ logfile });
      logger.startup({ isDaemon: true });
      logger.detach();
      logger.configure({ logfile: join(directory, 'log2'), log: ['Exec'] });
      logger('Exec', '1');
      logger.configure({ logfile: undefined, logfacility: 'daemon' });
      logger('Normal', '2');
      expect(read('log')).toBe('');
      expect(read('log2')).toMatch(/^[^\n]* Exec: 1\n$/u);
      expect(sent).toEqual(['tsyncd<29> Normal, 2']);
    });

    it('keeps what it had when the new cannot be used, and says so', () => {
      const { logfile, logger, read } = setUp();
      logger.configure({ logfile });
      logger.startup({ isDaemon: false });
      logger.configure({ logfile: '/nonexistent/dir/log', logfacility: 'nosuch' });
      logger('Normal', 'n');
      expect(read('log')).toMatch(
        /facility 'nosuch' unknown[^\n]*\n[^\n]* Error: Cannot open logfile \[\/nonexistent[^\n]*\n[^\n]* Normal: n\n$/u,
      );
    });

    it('refuses an unknown facility before the startup', () => {
      const { logger } = setUp();
      expect(() => logger.configure({ logfacility: 'nosuch' })).toThrow(
        new ConfigError("Logging facility 'nosuch' unknown."),
      );
    });
  });

  it('refuses at the startup a fifo that nobody reads, rather than wait for a reader', () => {
    const { directory, logger } = setUp();
    const fifo = join(directory, 'fifo');
    execFileSync('mkfifo', [fifo]);
    logger.configure({ logfile: fifo });
    expect(() => logger.startup({ isDaemon: false })).toThrow(/^Cannot open logfile \[.*\]! \(ENXIO/u);
  });
});

describe('resolveFacility()', () => {
  it.each([
    ['kern', 0],
    ['user', 8],
    ['daemon', 24],
    ['authpriv', 80],
    ['ftp', 88],
    ['local0', 128],
    ['local7', 184],
    [8, 8],
    [0, 0],
  ])('takes %s for %i', (facility, code) => {
    expect(resolveFacility(facility)).toBe(code);
  });

  it.each(['nosuch', 'USER', '', 'constructor', 7, -8, 1.5, Number.NaN, 8192])('refuses %s', (facility) => {
    expect(() => resolveFacility(facility)).toThrow(`Logging facility '${facility}' unknown.`);
  });
});
