// The log of a session, sentence by sentence: what lsyncd 2.2.3/2.3.1 wrote for the same changes. The paths listed below a sentence are left out,
// as their form differs (a file list needs no parents).

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

type Step = readonly [shell: string, rsyncssh?: readonly string[]];

/** What is done, and the sentences it gives with default.rsyncssh where they are not those of one list. */
const STEPS: readonly Step[] = [
  ['echo new >new.txt'],
  ['echo more >>a.txt'],
  ['mkdir dir'],
  ['echo x >dir/x.txt'],
  ['mv new.txt renamed.txt', ['Moving new.txt -> renamed.txt', 'Finished Move SRC//new.txt: 0']],
  ['mv dir dir2', ['Moving dir/ -> dir2/', 'Finished Move SRC//dir/: 0']],
  ['mv dir2/x.txt sub/y.txt', ['Moving dir2/x.txt -> sub/y.txt', 'Finished Move SRC//dir2/x.txt: 0']],
  ['chmod 600 a.txt'],
  ['touch -d 2020-01-01 a.txt'],
  ['ln -s a.txt link'],
  ['ln a.txt hard'],
  ['rm renamed.txt'],
  ['echo 1 >q1; echo 2 >q2; rm q1; mv q2 q3; echo 3 >>q3'],
  [`echo s >'sp ace'; echo q >"it's"; echo s >'st*r?[x]'`],
  ['mkdir -p p/q/r; echo z >p/q/r/z'],
  ['rm -rf p'],
  ['rm -rf sub'],
  ['mv a.txt ../outside.txt'],
  ['mv ../outside.txt back.txt'],
  ['mv dir2 ../outdir'],
  ['mkdir ../outdir/in; echo w >../outdir/in/w; mv ../outdir indir'],
];

const LIST = 'Calling rsync with filter-list of new/modified files/dirs';

interface Behaviour {
  readonly name: 'rsync' | 'rsyncssh' | 'direct';
  readonly startup: readonly string[];
  readonly step: (rsyncssh: readonly string[] | undefined) => readonly string[];
}

const BEHAVIOURS: readonly Behaviour[] = [
  {
    name: 'rsync',
    startup: ['recursive full rsync: SRC/ -> TRG/', 'Startup of SRC/ -> TRG/ finished.'],
    step: () => [LIST, 'Finished a list after exitcode: 0'],
  },
  {
    name: 'rsyncssh',
    startup: ['recursive full rsync: SRC/ -> HOST:TRG/', 'Startup of "SRC/" finished: 0'],
    step: (moves) => moves ?? [LIST, 'Finished (list): 0'],
  },
  {
    name: 'direct',
    startup: ['recursive full rsync: SRC/ -> TRG/', 'Startup of "SRC/" finished: 0'],
    step: () => [],
  },
];

describe.each(
  BEHAVIOURS.map((behaviour) => ({ ...behaviour, title: `the log of default.${behaviour.name}` })),
)('$title', ({ name, startup, step: sentencesOf }) => {
  let place: Workplace;
  let sshd: TestSshd | undefined;
  let daemon: RunningDaemon;
  let source: string;
  let target: string;
  let logfile: string;
  let read = 0;

  beforeAll(async () => {
    place = makeWorkplace();
    source = join(place.path, 'src');
    target = join(place.path, 'trg');
    logfile = join(place.path, 'log');
    mkdirSync(join(source, 'sub/deep'), { recursive: true });
    for (const file of ['a.txt', 'sub/b.txt', 'sub/deep/c.txt']) place.write(`src/${file}`, 'content\n');
    if (name === 'rsyncssh') sshd = await startSshd(place.path);
    const where =
      sshd === undefined
        ? `target = '${target}'`
        : `host = '${sshd.host}', targetdir = '${target}', ssh = ${sshd.luaTable}`;
    const config = `settings { logfile = '${logfile}', nodaemon = true }
      sync { default.${name}, source = '${source}', ${where}, delay = 1 }`;
    daemon = startDaemon({ args: [place.write('conf.lua', config)] });
  });
  afterAll(async () => {
    await daemon.stop();
    await sshd?.stop();
    place.end(false);
  });

  /** Sentences that were logged since the last call. */
  function newSentences(): string[] {
    const text = readText(logfile).slice(read);
    read += text.length;
    return text
      .split('\n')
      .filter((line) => /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} [A-Z]\w+: /.test(line))
      .map((line) => line.slice(25).replace(/^Normal: /, ''))
      .map((line) =>
        line.replaceAll(source, 'SRC').replaceAll(target, 'TRG').replaceAll(`${sshd?.host}:TRG`, 'HOST:TRG'),
      );
  }

  it('begins with the startup sync', async () => {
    await daemon.saw('finished');
    await waitUntil(() => readText(logfile).includes('finished'), { deadlineMs: 10_000 });
    expect(newSentences()).toEqual(['--- Startup ---', ...startup]);
  });

  it.each(STEPS.map((step) => ({ shell: step[0], moves: step[1] })))('$shell', async ({ shell, moves }) => {
    execFileSync('bash', ['-ec', shell], { cwd: source });
    const expected = sentencesOf(moves);
    const seen: string[] = [];
    await waitUntil(
      () => {
        seen.push(...newSentences());
        return seen.length >= expected.length && differences(source, target, ['-rlt']) === '';
      },
      { deadlineMs: 10_000, what: `${expected.join(' | ')}; seen: ${seen.join(' | ')}` },
    );
    expect(seen).toEqual(expected);
  });

  it('ends with the signal', async () => {
    expect(await daemon.stop()).toBe(143);
    expect(newSentences()).toEqual(['--- TERM signal, fading ---']);
    expect(daemon.stderr()).toBe('');
  });

  it('says on stdout what it says in the file, with the time alone', () => {
    const lines = (text: string): string[] => text.split('\n').filter((line) => line.includes(' Normal: '));
    const times = lines(daemon.stdout());
    expect(times.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual(
      lines(readText(logfile)).map((line) => line.slice(25)),
    );
    expect(times.length).toBeGreaterThan(2);
  });
});
