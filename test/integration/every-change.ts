// Drives the built daemon through every kind of change at delay 0 and 1; after each the trees are equal. One test file a behaviour.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkplace, startDaemon, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** Shell text run in the source; `$OUT` is a folder outside of it on the same file system. They build on each other. */
const CHANGES: readonly (readonly [what: string, shell: string])[] = [
  ['a new file', 'echo new >new.txt'],
  ['an empty new file', ': >empty'],
  ['a write', 'echo other >new.txt'],
  ['an append', 'echo more >>new.txt'],
  ['a truncation', 'truncate -s 3 new.txt'],
  ['a truncation to nothing and back', ': >new.txt; echo back >new.txt'],
  ['chmod of a file', 'chmod 600 new.txt'],
  ['touch of a file', 'touch -d 2020-01-01 new.txt'],
  ['a new directory', 'mkdir dir'],
  ['chmod of a directory', 'chmod 750 dir'],
  ['touch of a directory', 'touch -d 2019-05-05 dir'],
  ['a file in it', 'echo x >dir/x.txt'],
  ['a symlink', 'ln -s new.txt link'],
  ['a dangling symlink', 'ln -s nowhere dangling'],
  ['a symlink to a directory', 'ln -s dir dirlink'],
  ['a symlink changed', 'ln -sfn dir/x.txt link'],
  ['a hard link', 'ln new.txt hard'],
  [
    'a write through a hard link, and a touch of its other name, which the kernel does not mention',
    'echo both >>hard; touch new.txt',
  ],
  ['a rename of a file', 'mv new.txt renamed.txt'],
  ['a rename of a directory', 'mv dir dir2'],
  ['a rename of a file into another directory', 'mkdir sub; mv dir2/x.txt sub/y.txt'],
  ['a write and a rename', 'echo w >w1; mv w1 w2; echo ww >>w2'],
  ['a rename over an existing file', 'echo one >one; echo two >two; mv one two'],
  ['a rename over an old file', 'mv renamed.txt two'],
  ['a rename over an existing directory', 'mkdir -p A B; echo f >A/f; mv -T A B'],
  ['a rename of an old directory over an existing one', 'mkdir C; mv -T B C'],
  ['a swap by three renames', 'echo p >p; echo q >q; mv p t; mv q p; mv t q'],
  ['a swap of directories', 'mkdir s1 s2; echo 1 >s1/f; echo 2 >s2/g; mv s1 t; mv s2 s1; mv t s2'],
  ['a swap of old directories', 'mv s1 t; mv s2 s1; mv t s2'],
  ['a file moved out', 'mv two "$OUT/two"'],
  ['a file moved in', 'mv "$OUT/two" back.txt'],
  ['a deep new tree', 'mkdir -p deep/a/b/c; echo z >deep/a/b/c/z; cp -r deep/a deep/copy'],
  ['a directory moved out', 'mv deep "$OUT/deep"'],
  ['a directory moved in', 'mkdir "$OUT/deep/more"; echo m >"$OUT/deep/more/m"; mv "$OUT/deep" deep3'],
  [
    'a directory moved out and a new one in its place',
    'mv deep3 "$OUT/gone"; mkdir -p deep3/other; echo o >deep3/other/o',
  ],
  ['a directory removed and made again', 'rm -r deep3; mkdir -p deep3/a; echo again >deep3/a/again'],
  ['a directory replaced by a file', 'rm -r deep3; echo file >deep3'],
  ['a file replaced by a directory', 'rm deep3; mkdir deep3; echo in >deep3/in'],
  ['a file replaced by a symlink', 'rm back.txt; ln -s sub back.txt'],
  ['a symlink replaced by a directory', 'rm back.txt; mkdir back.txt; echo k >back.txt/k'],
  [
    'a move and writes below it',
    'mkdir mv1; echo 1 >mv1/a; sleep 0.1; mv mv1 mv2; echo 2 >mv2/b; rm mv2/a; mv mv2 mv3',
  ],
  [
    'odd names',
    `echo s >'sp ace'; echo q >"it's"; echo s >'st*r?[x]'; echo b >'a]b'; mkdir 'd]e'; echo i >'d]e/in'; echo d >-rf; echo c >'host:x'; echo h >'#x;'`,
  ],
  [
    'a name with a newline, one that is a command, one that is not UTF-8',
    `touch "$(printf 'new\\nline')" '$(touch pwned)' "$(printf 'latin\\351')"; echo 1 >"$(printf 'x\\377y')"`,
  ],
  [
    'odd names moved',
    `mv 'sp ace' 'sp  ace2'; mv "it's" "it's two"; mv 'd]e' 'd]f'; mv -- -rf -rf2; mv "$(printf 'x\\377y')" "$(printf 'z\\376')"`,
  ],
  [
    'odd names deleted',
    `rm -rf -- 'sp  ace2' "it's two" 'st*r?[x]' 'a]b' 'd]f' -rf2 'host:x' '#x;' 'new'* '$(touch pwned)' "$(printf 'latin\\351')" "$(printf 'z\\376')"`,
  ],
  ['many files at once', 'mkdir many; for i in $(seq 300); do echo $i >many/f$i; done'],
  ['many deletes', 'rm many/f1*; rm -r many'],
  ['a tree deleted', 'rm -rf sub deep3'],
  ['a file deleted at the top', 'rm hard'],
];

type BehaviourName = 'rsync' | 'rsyncssh' | 'direct';

/** What the options of the config ask for. */
const FLAGS = ['-rlptD'];

/** Defines the tests of one behaviour. */
export function describeEveryChange(behaviour: BehaviourName): void {
  for (const delay of [0, 1])
    describe(`default.${behaviour} with delay ${delay}`, () => defineTests(behaviour, delay));
}

function defineTests(behaviour: BehaviourName, delay: number): void {
  let place: Workplace;
  let sshd: TestSshd | undefined;
  let daemon: RunningDaemon;
  let source: string;
  let target: string;
  let failed = false;

  beforeAll(async () => {
    place = makeWorkplace();
    source = join(place.path, 'src');
    target = join(place.path, 'trg');
    mkdirSync(join(place.path, 'out'));
    mkdirSync(join(source, 'old'), { recursive: true });
    if (behaviour === 'rsyncssh') sshd = await startSshd(place.path);
    daemon = startDaemon({ args: ['-log', 'Exec', place.write('conf.lua', configOf())] });
    await daemon.saw(behaviour === 'rsync' ? 'Startup of' : 'finished: 0');
    await waitUntil(() => daemon.output().includes('finished'), { deadlineMs: 10_000 });
  });

  afterAll(async () => {
    if (failed) process.stderr.write(daemon.output());
    await daemon.stop();
    await sshd?.stop();
    place.end(failed);
  });

  function configOf(): string {
    const where = {
      rsync: `target = '${target}'`,
      direct: `target = '${target}'`,
      rsyncssh:
        sshd === undefined ? '' : `host = '${sshd.host}', targetdir = '${target}', ssh = ${sshd.luaTable}`,
    }[behaviour];
    return `settings { nodaemon = true }
      sync { default.${behaviour}, source = '${source}', ${where}, delay = ${delay}, rsync = { archive = true } }`;
  }

  it.each(CHANGES)('brings %s to the target', async (_what, shell) => {
    let left = 'not looked at';
    execFileSync('bash', ['-ec', shell], {
      cwd: source,
      env: { ...process.env, OUT: join(place.path, 'out') },
    });
    const isEqual = (): boolean => (left = differences(source, target, FLAGS)) === '';
    await waitUntil(isEqual, { deadlineMs: 15_000 }).catch(() => (failed = true));
    expect(left).toBe('');
  });

  it('logs neither a warning nor an error', () => {
    failed ||= /(Error|Warn):/.test(daemon.output());
    expect(daemon.output()).not.toMatch(/(Error|Warn):/);
  });
}
