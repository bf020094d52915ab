// Work on files: as right as `cp -p`, `mv` and `rm -rf`, and never outside of source and target, whatever is swapped while it is done.
// Everything once as root, and once as an ordinary user.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doFileWork } from '../../src/run/file-work/do-file-work.ts';
import type { FileOperation, FileResult } from '../../src/run/file-work/file-work.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

const USERS = [
  { user: 'root', uid: 0 },
  { user: 'an ordinary user', uid: NOBODY },
].filter(({ uid }) => isRoot || uid === NOBODY);

/** Root may become anybody, and root again. */
function become(user: number): void {
  if (!isRoot) return;
  if (user === 0) process.seteuid?.(0);
  process.setegid?.(user);
  process.seteuid?.(user);
}

describe.each(USERS)('as $user', ({ uid }) => {
  let folder: string;
  let source: string;
  let target: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsyncd-files-'));
    chmodSync(folder, 0o755);
    [source, target] = [join(folder, 'src'), join(folder, 'trg')];
    for (const path of [source, target, join(folder, 'out')]) mkdirSync(path);
    if (isRoot) for (const path of [folder, source, target, join(folder, 'out')]) chownSync(path, uid, uid);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** In the source, as the user; `$OUT` and `$TRG` beside it. */
  function shell(text: string): void {
    const env = { ...process.env, OUT: join(folder, 'out'), TRG: target };
    execFileSync('bash', ['-ec', text], { cwd: source, env, ...(isRoot ? { uid, gid: uid } : {}) });
  }

  interface Race {
    /** Shell text that is run when `isStopping` is asked for the so-manieth time. */
    readonly at: number;
    readonly shell: string;
  }

  function work(operations: readonly FileOperation[], race?: Race): FileResult {
    let asked = 0;
    const isStopping = (): boolean => {
      asked += 1;
      if (asked === race?.at) asRoot(() => shell(race.shell));
      return false;
    };
    const rest = { followsTargetLinks: false, mayDelete: true, operations };
    become(uid);
    try {
      const result = doFileWork({ source: `${source}/`, target: `${target}/`, ...rest }, isStopping);
      if (race !== undefined) expect(asked).toBeGreaterThanOrEqual(race.at);
      return result;
    } finally {
      become(0);
    }
  }

  function asRoot(action: () => void): void {
    become(0);
    action();
    become(uid);
  }

  const copies = (...paths: readonly string[]): FileOperation[] =>
    paths.map((path) => ({ kind: 'copy', path }));
  const codes = ({ problems }: FileResult): readonly string[] => problems.map(({ code }) => code);
  const outside = (): readonly string[] => readdirSync(join(folder, 'out')).toSorted();

  /** Everything that `stat` says of it but where and since when it is there. */
  function looksOf(path: string): string {
    const format = '%F %a %u %g %s %b %t %T %y';
    return execFileSync('stat', ['-c', format, path], { encoding: 'utf8' });
  }

  describe('a copy', () => {
    const ENTRIES: readonly (readonly [what: string, shell: string])[] = [
      ['an empty file', ': >f'],
      ['a file with its mode, setuid and times to the nanosecond', 'echo x >f; chmod 6751 f'],
      ['a file that nobody may read', 'echo x >f; chmod 400 f'],
      ['a symlink', 'ln -s /etc/passwd f'],
      ['a dangling symlink with a name that is no text', "ln -s $'no\\xffwhere' f"],
      ['a fifo', 'mkfifo -m 640 f'],
      ['a file of a few MB', 'head -c 5000001 /dev/urandom >f'],
    ];
    it.each(ENTRIES)('is what cp makes of it: %s', (_what, text) => {
      shell(`${text}; touch -h -d '2001-02-03 04:05:06.123456789 UTC' f; cp -pPR f "$OUT/f"`);
      const expected = looksOf(join(folder, 'out/f'));
      expect(work(copies('/f')).problems).toEqual([]);
      expect(looksOf(join(target, 'f'))).toBe(expected);
      if (lstatSync(join(source, 'f')).isFile()) shell('cmp f "$TRG/f"');
      expect(readdirSync(target)).toEqual(['f']);
    });

    it('leaves holes holes', () => {
      shell('truncate -s 64M f; printf mid | dd of=f bs=1 seek=30000000 conv=notrunc status=none');
      expect(work(copies('/f')).problems).toEqual([]);
      shell('cmp f "$TRG/f"');
      expect(lstatSync(join(target, 'f')).size).toBe(64 * 1024 * 1024);
      expect(lstatSync(join(target, 'f')).blocks).toBeLessThan(1000);
    });

    it('has the ACL of its source, and none that its directory would give it', () => {
      shell('mkdir "$TRG/d" d; setfacl -d -m u:1234:rwx "$TRG/d"; echo 1 >d/with; echo 2 >d/without');
      shell('setfacl -m u:4321:r d/with; setfacl -m u:77:rx d');
      const attributes: FileOperation = { kind: 'attributes', path: '/d/' };
      expect(work([...copies('/d/with', '/d/without'), attributes]).problems).toEqual([]);
      shell('diff <(getfacl -R -n .) <(cd "$TRG"; getfacl -R -n .)');
    });

    it('of a name of 255 bytes has room for the name it has meanwhile', () => {
      const name = 'n'.repeat(255);
      shell(`echo 1 >${name}`);
      expect(work(copies(`/${name}`)).problems).toEqual([]);
      expect(readdirSync(target)).toEqual([name]);
    });

    it('that changes meanwhile is made again', () => {
      shell('echo first >f');
      const race = { at: 2, shell: 'echo second >>f' };
      expect(work(copies('/f'), race).problems).toEqual([]);
      expect(readFileSync(join(target, 'f'), 'utf8')).toBe('first\nsecond\n');
    });

    it('of a big file that changes meanwhile is said to be unsteady, and not up to date', () => {
      shell('head -c 2000000 /dev/zero >f; touch -d 2020-01-01 f');
      const { problems } = work(copies('/f'), { at: 2, shell: 'echo more >>f' });
      expect(problems).toMatchObject([{ index: 0, isUnsteady: true }]);
      expect(lstatSync(join(target, 'f')).mtimeMs).toBe(Date.parse('2020-01-01T00:00:00'));
    });

    it('that is told to stop leaves the old file, and nothing beside it', () => {
      shell('head -c 40000000 /dev/zero >f; echo old >"$TRG/f"');
      let asked = 0;
      const operations = copies('/f', '/g');
      const roots = {
        source: `${source}/`,
        target: `${target}/`,
        followsTargetLinks: false,
        mayDelete: true,
      };
      const result = doFileWork({ ...roots, operations }, () => (asked += 1) > 3);
      expect(result).toEqual({ tried: 0, problems: [] });
      expect(readdirSync(target)).toEqual(['f']);
      expect(readFileSync(join(target, 'f'), 'utf8')).toBe('old\n');
    });

    it('of what has gone, or became a directory, is none, and no failure', () => {
      shell('mkdir d; ln -s d l');
      expect(work(copies('/gone', '/d', '/d/gone', '/l/gone', '/no/gone')).problems).toEqual([]);
      expect(readdirSync(target)).toEqual([]);
    });
  });

  describe('a move', () => {
    const move = (path: string, to: string): FileOperation => ({ kind: 'move', path, to });

    it.each([
      ['a file over a file', 'echo 1 >a; echo 2 >b', 'a', 'b'],
      ['a directory over a full one', 'mkdir a b; echo 1 >a/x; echo 2 >b/y', 'a', 'b'],
      ['a file over a directory', 'echo 1 >a; mkdir b; echo 2 >b/y', 'a', 'b'],
      ['a directory over a file', 'mkdir a; echo 1 >a/x; echo 2 >b', 'a', 'b'],
      ['a directory over a symlink to a directory', 'mkdir a; echo 1 >a/x; ln -s "$OUT" b', 'a', 'b'],
      ['a name over another one of the same file', 'echo 1 >a; ln a b', 'a', 'b'],
    ])('replaces what is there: %s', (_what, text, from, to) => {
      shell(`cd "$TRG"; ${text}; cp -a ${from} "$OUT/../expected"`);
      expect(work([move(`/${from}`, `/${to}`)]).problems).toEqual([]);
      expect(readdirSync(target)).toEqual([to]);
      execFileSync('diff', ['-r', join(folder, 'expected'), join(target, to)]);
      expect(outside()).toEqual([]);
    });

    it('does not go through a symlink in the way', () => {
      shell('echo 1 >"$TRG/a"; ln -s "$OUT" "$TRG/l"; echo 2 >"$OUT/victim"');
      expect(codes(work([move('/a', '/l/a'), move('/l/victim', '/b')]))).toEqual(['ENOTDIR', 'ENOTDIR']);
      expect([outside(), readdirSync(target).toSorted()]).toEqual([['victim'], ['a', 'l']]);
    });
  });

  describe('removing', () => {
    it('takes a tree, and leaves what its symlinks lead to', () => {
      shell('mkdir -p "$TRG/d/e"; echo 1 >"$OUT/kept"; ln -s "$OUT" "$TRG/d/e/l"; echo 1 >"$TRG/d/e/f"');
      expect(work([{ kind: 'remove', path: '/d/' }]).problems).toEqual([]);
      expect([readdirSync(target), outside()]).toEqual([[], ['kept']]);
    });

    it('does not go through a symlink in the way', () => {
      shell('echo 1 >"$OUT/kept"; ln -s "$OUT" "$TRG/l"');
      expect(codes(work([{ kind: 'remove', path: '/l/kept' }]))).toEqual(['ENOTDIR']);
      expect(outside()).toEqual(['kept']);
    });

    it('goes on with the rest when something cannot be removed', () => {
      if (uid === 0) return;
      shell(
        'mkdir -p "$TRG/d/locked"; echo 1 >"$TRG/d/locked/f"; echo 2 >"$TRG/d/g"; chmod 500 "$TRG/d/locked"',
      );
      expect(codes(work([{ kind: 'remove', path: '/d/' }]))).toEqual(['EACCES']);
      expect(readdirSync(join(target, 'd'))).toEqual(['locked']);
      shell('chmod 700 "$TRG/d/locked"');
    });
  });

  /** The third question is asked after the first operation, when the directories of both sides are known. */
  describe('a directory that is swapped for a symlink meanwhile', () => {
    it('at the target leads nothing out of it', () => {
      shell(
        'mkdir d "$TRG/d"; echo 1 >d/a; echo 2 >d/b; echo kept >"$OUT/kept"; cp "$OUT/kept" "$TRG/d/kept"',
      );
      const swap = 'mv "$TRG/d" "$TRG/was"; ln -s "$OUT" "$TRG/d"';
      work(
        [
          ...copies('/d/a', '/d/b'),
          { kind: 'remove', path: '/d/kept' },
          { kind: 'directory', path: '/d/new/' },
          { kind: 'move', path: '/d/a', to: '/d/moved' },
          { kind: 'attributes', path: '/d/' },
        ],
        { at: 3, shell: swap },
      );
      expect(outside()).toEqual(['kept']);
      expect(readFileSync(join(folder, 'out/kept'), 'utf8')).toBe('kept\n');
    });

    it('at the source brings nothing in from elsewhere', () => {
      shell('mkdir d "$TRG/d"; echo 1 >d/a; echo 2 >d/b; echo secret >"$OUT/b"; echo secret >"$OUT/c"');
      const swap = 'mv d was; ln -s "$OUT" d';
      work(copies('/d/a', '/d/b', '/d/c'), { at: 3, shell: swap });
      for (const name of readdirSync(join(target, 'd'))) {
        expect(readFileSync(join(target, 'd', name), 'utf8')).not.toContain('secret');
      }
      expect(existsSync(join(target, 'd/c'))).toBe(false);
    });

    it('while it is being removed is not followed', () => {
      shell('mkdir -p "$TRG/d/e/f"; echo 1 >"$OUT/kept"; for i in 1 2 3; do echo $i >"$TRG/d/e/f/$i"; done');
      const swap = 'mv "$TRG/d/e" "$TRG/was"; ln -s "$OUT" "$TRG/d/e"';
      work([{ kind: 'remove', path: '/d/' }], { at: 4, shell: swap });
      expect(outside()).toEqual(['kept']);
    });

    it('while moves replace directories leads nothing out', () => {
      shell('cd "$TRG"; mkdir -p d/a d/b; echo 1 >d/a/x; mkdir "$OUT/a" "$OUT/b"; echo 1 >"$OUT/b/kept"');
      const swap = 'mv "$TRG/d" "$TRG/was"; ln -s "$OUT" "$TRG/d"';
      work(
        [
          { kind: 'move', path: '/d/a/x', to: '/d/x' },
          { kind: 'move', path: '/d/a/', to: '/d/b/' },
        ],
        { at: 2, shell: swap },
      );
      expect([outside(), readdirSync(join(folder, 'out/b'))]).toEqual([['a', 'b'], ['kept']]);
    });
  });

  it('a file that is swapped for a symlink when it gets its attributes leaves what that leads to alone', () => {
    shell(
      'echo 1 >f; chmod 777 f; echo 2 >"$OUT/victim"; chmod 600 "$OUT/victim"; ln -s "$OUT/victim" "$TRG/f"',
    );
    expect(work([{ kind: 'attributes', path: '/f' }]).problems).toMatchObject([
      { reason: 'Cannot give attributes to "/f": the source has another type' },
    ]);
    expect(lstatSync(join(folder, 'out/victim')).mode & 0o777).toBe(0o600);
  });

  it('holds few descriptors over many directories', () => {
    const names = Array.from({ length: 300 }, (_, index) => `d${index}`);
    for (const name of names)
      for (const root of [source, target]) mkdirSync(join(root, name), { mode: 0o777 });
    if (isRoot) for (const name of names) chownSync(join(target, name), uid, uid);
    for (const name of names) writeFileSync(join(source, name, 'f'), name);
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    let most = 0;
    const operations = copies(...names.map((name) => `/${name}/f`));
    const roots = { source: `${source}/`, target: `${target}/`, followsTargetLinks: false, mayDelete: true };
    const result = doFileWork({ ...roots, operations }, () => {
      most = Math.max(most, open() - before);
      return false;
    });
    expect(result.problems).toEqual([]);
    expect(most).toBeLessThan(140);
    expect(open()).toBe(before);
  });

  it('a target that is reached by symlinks itself is one like any other', () => {
    symlinkSync(target, join(folder, 'link'));
    shell('mkdir d; echo 1 >d/f');
    const operations: FileOperation[] = [{ kind: 'directory', path: '/d' }, ...copies('/d/f')];
    const roots = { source: `${source}/`, target: `${join(folder, 'link')}/` };
    expect(
      doFileWork({ ...roots, followsTargetLinks: false, mayDelete: true, operations }, () => false).problems,
    ).toEqual([]);
    expect(readFileSync(join(target, 'd/f'), 'utf8')).toBe('1\n');
  });

  it('symlinks to directories at the target are followed with -K only', () => {
    shell('mkdir d; echo 1 >d/f; chmod 750 d; ln -s "$OUT" "$TRG/d"');
    const roots = { source: `${source}/`, target: `${target}/`, mayDelete: true };
    const operations: FileOperation[] = [...copies('/d/f'), { kind: 'attributes', path: '/d/' }];
    const run = (followsTargetLinks: boolean): FileResult =>
      doFileWork({ ...roots, followsTargetLinks, operations }, () => false);
    expect([codes(run(false)), outside()]).toEqual([['ENOTDIR', 'ENOTDIR'], []]);
    expect([codes(run(true)), outside()]).toEqual([[], ['f']]);
    expect(lstatSync(join(folder, 'out')).mode & 0o777).toBe(0o750);
  });
});

describe.skipIf(!isRoot)('a disk that is full', () => {
  it('leaves the old file and nothing beside it, and says so', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsyncd-full-'));
    const [source, target] = [join(folder, 'src'), join(folder, 'trg')];
    for (const path of [source, target]) mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', target]);
    try {
      writeFileSync(join(target, 'f'), 'old');
      writeFileSync(join(source, 'f'), Buffer.alloc(4_000_000, 'x'));
      writeFileSync(join(source, 'small'), 'fits');
      const operations: FileOperation[] = [
        { kind: 'copy', path: '/f' },
        { kind: 'copy', path: '/small' },
      ];
      const roots = {
        source: `${source}/`,
        target: `${target}/`,
        followsTargetLinks: false,
        mayDelete: true,
      };
      const { problems } = doFileWork({ ...roots, operations }, () => false);
      const reason = 'Cannot copy "/f": no space left on device (ENOSPC)';
      expect(problems).toEqual([{ index: 0, code: 'ENOSPC', reason, isUnsteady: false }]);
      expect(readdirSync(target).toSorted()).toEqual(['f', 'small']);
      expect(readFileSync(join(target, 'f'), 'utf8')).toBe('old');
    } finally {
      execFileSync('umount', [target]);
      rmSync(folder, { recursive: true });
    }
  });
});
