// Every kind of change, as one batch, through each behaviour with real rsync, real sshd, real coreutils; then the trees are equal.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { moveAsChanges } from '../../src/behaviour/moves.ts';
import { fromText } from '../../src/byte-path.ts';
import type { Delay } from '../../src/queue/delay.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { delay, makeBench, move, rsyncOptions, type Bench, type BenchOptions } from './bench.ts';

/** Old times, so that a directory whose time was not set right is seen. */
const SETUP = `mkdir -p d/e x 'od]d'; echo a >a; echo b >d/b; echo c >d/e/c; echo y >x/y; echo p >d/same; echo q >x/same; echo w >'od]d/w'; ln -s a l
  find . -exec touch -h -d 2020-01-01 {} +`;

interface Change {
  readonly what: string;
  readonly shell: string;
  readonly moves?: readonly Delay[];
  readonly changes?: readonly Delay[];
}

const HOSTILE = [
  '-rf',
  'a\nb',
  '$(id)',
  `q'"`,
  'a]b',
  'a[b',
  'b\\s',
  'w*?',
  'host:x',
  '#hash',
  ';semi',
  ' lead',
  'tr ',
  ':c',
  '...',
  '~',
  '!x',
];
const NOT_UTF8 = ['\xff\xfe', 'latin\xe9]*'];
const NAMES = [...HOSTILE.map(fromText), ...NOT_UTF8];

/** Creates, with a subshell a name, each of NAMES below `folder`. */
function forEachName(text: string): string {
  const words = NAMES.map(
    (name) =>
      `$'${[...Buffer.from(name, 'latin1')].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`,
  );
  return `for n in ${words.join(' ')}; do ${text}; done`;
}

const named = (kind: 'Create' | 'Delete', folder = '/'): Delay[] =>
  NAMES.map((name) => delay(kind, folder + name));

const CHANGES: readonly Change[] = [
  { what: 'a new file at the top', shell: 'echo n >n', changes: [delay('Create', '/n')] },
  { what: 'a new file below', shell: 'echo n >d/e/n', changes: [delay('Create', '/d/e/n')] },
  { what: 'a write', shell: 'echo longer >a', changes: [delay('Modify', '/a')] },
  {
    what: 'chmod and touch of a file',
    shell: 'chmod 600 a; touch -d 2019-01-01 a',
    changes: [delay('Attrib', '/a')],
  },
  {
    what: 'chmod and touch of a directory',
    shell: 'chmod 750 d; touch -d 2018-01-01 d',
    changes: [delay('Attrib', '/d/')],
  },
  { what: 'chmod of the source itself', shell: 'chmod 750 .', changes: [delay('Attrib', '/')] },
  { what: 'a file deleted at the top', shell: 'rm a', changes: [delay('Delete', '/a')] },
  { what: 'a file deleted below', shell: 'rm d/e/c', changes: [delay('Delete', '/d/e/c')] },
  {
    what: 'a tree deleted, all of it said',
    shell: 'rm -r d',
    changes: ['/d/b', '/d/e/c', '/d/e/', '/d/'].map((path) => delay('Delete', path)),
  },
  { what: 'a tree gone, its top said', shell: 'rm -r d', changes: [delay('Delete', '/d/')] },
  {
    what: 'a tree gone with a bracket in its name',
    shell: "rm -r 'od]d'",
    changes: [delay('Delete', '/od]d/')],
  },
  {
    what: 'a deep new tree',
    shell: 'mkdir -p n/m; echo q >n/m/q',
    changes: ['/n/', '/n/m/', '/n/m/q'].map((path) => delay('Create', path)),
  },
  {
    what: 'a symlink made, changed, dangling, to a directory',
    shell: 'ln -sfn d l; ln -s nowhere l2; ln -s d l3',
    changes: [delay('Create', '/l'), delay('Create', '/l2'), delay('Create', '/l3')],
  },
  {
    what: 'a directory replaced by a file',
    shell: 'rm -r d; echo f >d',
    changes: [delay('Delete', '/d/'), delay('Create', '/d')],
  },
  {
    what: 'a file replaced by a directory',
    shell: 'rm a; mkdir a; echo i >a/i',
    changes: [delay('Delete', '/a'), delay('Create', '/a/'), delay('Create', '/a/i')],
  },
  {
    what: 'a directory replaced by a symlink',
    shell: 'rm -r d; ln -s x d',
    changes: [delay('Delete', '/d/'), delay('Create', '/d')],
  },
  {
    what: 'a symlink replaced by a directory',
    shell: 'rm l; mkdir l; echo i >l/i',
    changes: [delay('Create', '/l/'), delay('Create', '/l/i')],
  },
  { what: 'a file replaced by a fifo', shell: 'rm a; mkfifo a', changes: [delay('Create', '/a')] },
  {
    what: 'a directory removed and made again',
    shell: 'rm -r d; mkdir d; echo n >d/n',
    changes: [delay('Delete', '/d/'), delay('Create', '/d/n')],
  },
  {
    what: 'a directory to be sent whole',
    shell: 'rm -r d/e; mkdir d/f; echo n >d/f/n; echo z >d/z',
    changes: [delay('Create', '/d/', { whole: true })],
  },
  {
    what: 'a file made and gone again',
    shell: ':',
    changes: [delay('Create', '/tmp'), delay('Create', '/t/mp')],
  },
  { what: 'a file renamed', shell: 'mv a a2', moves: [move('/a', '/a2')] },
  { what: 'a directory renamed', shell: 'mv d d2', moves: [move('/d/', '/d2/')] },
  { what: 'a file renamed into another directory', shell: 'mv d/b x/b2', moves: [move('/d/b', '/x/b2')] },
  { what: 'a rename over a file', shell: 'mv a x/y', moves: [move('/a', '/x/y')] },
  {
    what: 'a rename over an empty directory',
    shell: 'rm x/*; mv -T d x',
    changes: [delay('Delete', '/x/y'), delay('Delete', '/x/same')],
    moves: [move('/d/', '/x/')],
  },
  {
    what: 'a rename over a symlink to a directory',
    shell: 'ln -sfn d l; mv -T a l',
    moves: [move('/a', '/l')],
  },
  {
    what: 'a swap by three renames',
    shell: 'mv d t; mv x d; mv t x',
    moves: [move('/d/', '/t/'), move('/x/', '/d/'), move('/t/', '/x/')],
  },
  {
    what: 'a rename of what the target never got',
    shell: 'mkdir n; echo n >n/n; mv n n2',
    moves: [move('/n/', '/n2/')],
  },
  {
    what: 'a rename into a new directory',
    shell: 'mkdir n; mv a n/a',
    changes: [delay('Create', '/n/')],
    moves: [move('/a', '/n/a')],
  },
  {
    what: 'a rename and a write',
    shell: 'mv a a2; echo more >>a2; mv x x2; echo n >x2/n',
    moves: [move('/a', '/a2'), move('/x/', '/x2/')],
    changes: [delay('Modify', '/a2'), delay('Create', '/x2/n')],
  },
  { what: 'hostile names', shell: forEachName('echo "$n" >"./$n"'), changes: named('Create') },
  {
    what: 'hostile names below a hostile name',
    shell: forEachName(`mkdir "./$n"; echo 1 >"./$n/w*[]\\\\x"; mkdir "./$n/-d"`),
    changes: NAMES.flatMap((name) =>
      ['/', '/w*[]\\x', '/-d/'].map((rest) => delay('Create', `/${name}${rest}`)),
    ),
  },
  {
    what: 'hostile names gone',
    shell: forEachName('echo "$n" >"./d/$n"') + '; rsync -a ./ "$TRG/"; ' + forEachName('rm -- "./d/$n"'),
    changes: named('Delete', '/d/'),
  },
  {
    what: 'hostile directories gone',
    shell:
      forEachName('mkdir "./x/$n"; echo i >"./x/$n/i"') +
      '; rsync -a ./ "$TRG/"; ' +
      forEachName('rm -r -- "./x/$n"'),
    changes: NAMES.map((name) => delay('Delete', `/x/${name}/`)),
  },
  {
    what: 'hostile names renamed',
    shell:
      forEachName('echo "$n" >"./x/$n"') +
      '; rsync -a ./ "$TRG/"; ' +
      forEachName('mv -- "./x/$n" "./d/$n.2"'),
    moves: NAMES.map((name) => move(`/x/${name}`, `/d/${name}.2`)),
  },
  {
    what: 'more deletes than go into one group',
    shell: 'for i in $(seq 60); do echo $i >x/$i; done; rsync -a ./ "$TRG/"; rm x/[0-9]*',
    changes: Array.from({ length: 60 }, (_, index) => delay('Delete', `/x/${index + 1}`)),
  },
];

const WAYS: Record<string, BenchOptions> = {
  'rsync with a file list': { kind: 'rsync', spec: { rsync: rsyncOptions({ fileList: true }) } },
  'rsync with a filter list': { kind: 'rsync', spec: { rsync: rsyncOptions({ fileList: false }) } },
  rsyncssh: { kind: 'rsyncssh' },
  direct: { kind: 'direct' },
};

let folder: string;
let sshd: TestSshd;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-sshd-'));
  sshd = await startSshd(folder);
});

afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.entries(WAYS))('%s', (_name, way) => {
  let bench: Bench;

  afterEach(() => bench.end());

  it.each(CHANGES)('brings $what to the target', async ({ shell, moves = [], changes = [] }) => {
    bench = makeBench(withSshd(way));
    bench.shell(SETUP);
    bench.shell('rsync -a ./ "$TRG/"');
    bench.shell(shell);
    const batch = bench.behaviour.takesMoves
      ? { moves, changes }
      : { changes: [...moves.flatMap(moveAsChanges), ...changes] };
    expect(await bench.batches(batch)).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });
});

function withSshd(way: BenchOptions): BenchOptions {
  if (way.kind !== 'rsyncssh') return way;
  const rsync = rsyncOptions({ longOptions: [`--rsh=${['ssh', ...sshd.sshArgs].join(' ')}`] });
  return {
    ...way,
    spec: {
      host: sshd.host,
      rsync,
      ssh: { binary: 'ssh', args: sshd.sshArgs, transport: 'openssh', isShared: false },
    },
  };
}
