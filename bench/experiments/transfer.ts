// Many changes at once, and the time until all of them are at the target.

import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startSshd } from '../../test/helpers/sshd.ts';
import type { Experiment, Readings, Run, Wanted } from '../experiment.ts';
import {
  changeFiles,
  flatNames,
  isChanged,
  isGone,
  isMade,
  isThere,
  makeFiles,
  secondsUntilAll,
  treeNames,
} from '../files.ts';
import { quoted } from '../place.ts';

type Layer = 'default.rsync' | 'default.direct' | 'default.rsyncssh';

interface Transfer {
  readonly layer: Layer;
  readonly delaySeconds: number;
  /** There, and at the target, before the program starts to watch. */
  readonly before: readonly string[];
  /** Does the changes. */
  readonly change: (source: string) => void;
  /** What must be at the target then, and how. */
  readonly names: readonly string[];
  readonly has: (path: string) => boolean;
  /** It is given up then. */
  readonly limitSeconds: number;
}

async function transfer(run: Run, options: Transfer, row: string): Promise<Readings> {
  const { place, program } = run;
  makeFiles(place.source, options.before);
  const server = options.layer === 'default.rsyncssh' ? await startSshd(place.path) : undefined;
  try {
    const there = server && {
      host: quoted(server.host),
      targetdir: quoted(place.target),
      ssh: server.luaTable,
    };
    const sync = place.sync(options.layer, { delay: String(options.delaySeconds), ...there });
    const daemon = place.start(program, [sync]);
    await daemon.logs('finished');
    const startedMs = performance.now();
    options.change(place.source);
    const seconds = await secondsUntilAll(place.target, startedMs, options);
    if (seconds === undefined) return { values: { [row]: options.limitSeconds }, isCutOff: true };
    await place.compare();
    await daemon.stop();
    return { values: { [row]: seconds } };
  } finally {
    await server?.stop();
  }
}

interface TransferRow {
  readonly name: string;
  readonly title: string;
  readonly ratio: number;
  readonly rounds: Experiment['rounds'];
  readonly transfer: (run: Run) => Transfer;
}

function experiment({ name, title, ratio, rounds, transfer: options }: TransferRow): Experiment {
  const wanted: readonly Wanted[] = [{ of: 'ratio', atMost: ratio }];
  return {
    name,
    rounds,
    rows: [{ name, title, unit: 's', wanted }],
    measure: (run) => transfer(run, options(run), name),
  };
}

function newFiles(layer: Layer, names: readonly string[], directories: readonly string[]): Transfer {
  return {
    layer,
    delaySeconds: 1,
    before: directories,
    change: (source) => makeFiles(source, names),
    names,
    has: isMade,
    limitSeconds: 100,
  };
}

function deletes(layer: Layer, names: readonly string[]): Transfer {
  return {
    layer,
    delaySeconds: 1,
    before: [...names, ...new Set(names.map((name) => join(dirname(name), 'kept')))],
    change: (source) => {
      for (const name of names) rmSync(join(source, name));
    },
    names,
    has: isGone,
    limitSeconds: 100,
  };
}

function changedAmongMany(run: Run): Transfer {
  const all = flatNames(run.size(50_000));
  const names = all.filter((_, index) => index % 50 === 0);
  return {
    layer: 'default.rsync',
    delaySeconds: 0,
    before: all,
    change: (source) => changeFiles(source, names),
    names,
    has: isChanged,
    limitSeconds: 100,
  };
}

function renames(run: Run): Transfer {
  const before = flatNames(run.size(500), 'old');
  const names = flatNames(run.size(500), 'new');
  return {
    layer: 'default.rsyncssh',
    delaySeconds: 1,
    before: [...before, 'new/kept'],
    change: (source) => {
      mkdirSync(join(source, 'new'), { recursive: true });
      for (const [index, name] of before.entries())
        renameSync(join(source, name), join(source, names[index] ?? ''));
    },
    names,
    has: isThere,
    limitSeconds: 45,
  };
}

export const transferExperiments: readonly Experiment[] = [
  experiment({
    name: 'changed-among-50000',
    title: '1,000 changed files in a directory of 50,000, delay 0: default.rsync',
    ratio: 0.15,
    rounds: { tsyncd: 5, lsyncd: 5 },
    transfer: changedAmongMany,
  }),
  experiment({
    name: 'new-flat-rsync',
    title: '10,000 new files in one directory, delay 1: default.rsync',
    ratio: 0.25,
    rounds: { tsyncd: 5, lsyncd: 5 },
    transfer: (run) => newFiles('default.rsync', flatNames(run.size(10_000)), ['flat/kept']),
  }),
  experiment({
    name: 'new-flat-direct',
    title: '… default.direct',
    ratio: 0.02,
    rounds: { tsyncd: 5, lsyncd: 1 },
    transfer: (run) => newFiles('default.direct', flatNames(run.size(10_000)), ['flat/kept']),
  }),
  experiment({
    name: 'new-tree-rsync',
    title: '10,000 new files in 100 new directories, delay 1: default.rsync',
    ratio: 0.7,
    rounds: { tsyncd: 5, lsyncd: 5 },
    transfer: (run) => newFiles('default.rsync', treeNames(run.size(10_000), 100), []),
  }),
  experiment({
    name: 'new-tree-direct',
    title: '… default.direct',
    ratio: 0.15,
    rounds: { tsyncd: 5, lsyncd: 1 },
    transfer: (run) => newFiles('default.direct', treeNames(run.size(10_000), 100), []),
  }),
  experiment({
    name: 'renames-rsyncssh',
    title: '500 renames, delay 1: default.rsyncssh, a real sshd',
    ratio: 0.05,
    rounds: { tsyncd: 5, lsyncd: 1 },
    transfer: renames,
  }),
  experiment({
    name: 'deletes-rsync',
    title: '10,000 deletes in a tree, delay 1: default.rsync',
    ratio: 0.3,
    rounds: { tsyncd: 5, lsyncd: 1 },
    transfer: (run) => deletes('default.rsync', treeNames(run.size(10_000), 100)),
  }),
  experiment({
    name: 'deletes-rsyncssh',
    title: '… default.rsyncssh, a real sshd',
    ratio: 0.3,
    rounds: { tsyncd: 5, lsyncd: 1 },
    transfer: (run) => deletes('default.rsyncssh', treeNames(run.size(10_000), 100)),
  }),
];
