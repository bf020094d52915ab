// A name full of what shells, Lua and UTF-8 have their meaning for goes through layers 3, 2 and 1 as it is: in every variable, in every
// field of an event, in lists, as arguments and as stdin. So do the folders it lies in, the source and the target.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkplace, startDaemon, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const RECORDER = fileURLToPath(new URL('../fixtures/recorder.sh', import.meta.url));

/** A byte a character: é is UTF-8, the last one is not. */
const NAME = '$(touch pwned) `touch pwned`; \' " ]] %s \\ \n \xc3\xa9 \xff';

const FIELDS = ['source', 'target', 'path', 'pathname', 'pathdir', 'sourcePath', 'sourcePathname', 'sourcePathdir', 'targetPath',
  'targetPathname', 'targetPathdir', 'name', 'basename'] as const; // prettier-ignore
const VARIABLES = FIELDS.slice(0, 11);

type Field = (typeof FIELDS)[number];

/** What the fields are for the file `name` in the folder NAME, below the source and the target of that name. */
function fieldsOf(work: string, name: string): Record<Field, string> {
  const [source, target] = [`${work}/${NAME}/src/`, `${work}/${NAME}/trg`];
  const path = `${NAME}/${name}`;
  return {
    source,
    target,
    path,
    pathname: path,
    pathdir: `${NAME}/`,
    sourcePath: `${source}/${path}`,
    sourcePathname: `${source}/${path}`,
    sourcePathdir: `${source}/${NAME}/`,
    targetPath: `${target}/${path}`,
    targetPathname: `${target}/${path}`,
    targetPathdir: `${target}/${NAME}/`,
    name,
    basename: name,
  };
}

const words = (prefix = ''): string => VARIABLES.map((name) => `^${prefix}${name}`).join(' ');

const ACTIONS: readonly string[] = [
  `onCreate = 'exec ${RECORDER} shell ${words()}', onMove = 'exec ${RECORDER} shell-move ${words('o.')} ${words('d.')}'`,
  `onCreate = 'exec ${RECORDER} quoted ${VARIABLES.map((name) => `"a ^${name} z"`).join(' ')}'`,
  `onCreate = '${RECORDER} binary ${words()}', onMove = '${RECORDER} binary-move ${words('o.')} ${words('d.')}'`,
  `onCreate = '^${RECORDER} forced ${words()}'`,
  `onCreate = function(event) spawn(event, R, 'spawn', all(event)) end, onMove = function(o, d) spawn(o, R, 'spawn-move', all(o), all(d)) end`,
  `onCreate = function(event) spawnShell(event, R .. ' spawn-shell "$@"', all(event)) end`,
  `onCreate = function(event) spawn(event, R, '<', table.concat(all(event), '\\0'), 'stdin') end`,
  `action = function(inlet) local list = inlet.getEvents(); spawn(list, R, 'list', list.getPaths()) end`,
  `action = function(inlet) local list = inlet.getEvents(); spawn(list, R, '<', table.concat(list.getPaths(), '\\0'), 'list-stdin') end`,
  `action = function(inlet) local list = inlet.getEvents(); spawnShell(list, R .. ' list-shell "$@"', list.getPaths()) end`,
];

interface Recorded {
  readonly argv: readonly string[];
  readonly stdin: string;
}

describe('a name that means something to shells, to Lua and to no UTF-8', () => {
  let place: Workplace;
  let daemon: RunningDaemon;
  let created: ReadonlyMap<string, Recorded>;
  let failed = true;
  const file = fieldsOfLater(NAME);
  const moved = fieldsOfLater(`2${NAME}`);

  beforeAll(async () => {
    place = makeWorkplace();
    const source = `${place.path}/${NAME}/src/${NAME}`;
    mkdirSync(bytes(source), { recursive: true });
    mkdirSync(bytes(`${place.path}/${NAME}/trg`));
    mkdirSync(join(place.path, 'record'));
    writeFileSync(join(place.path, 'conf.lua'), bytes(config()));
    daemon = startDaemon({
      args: [join(place.path, 'conf.lua')],
      cwd: place.path,
      env: { RECORD: join(place.path, 'record') },
    });
    await daemon.saw('it is watched', { times: ACTIONS.length });
    writeFileSync(bytes(`${source}/${NAME}`), 'x');
    await recorded([
      'shell',
      'quoted',
      'binary',
      'forced',
      'spawn',
      'spawn-shell',
      'stdin',
      'list',
      'list-stdin',
      'list-shell',
    ]);
    created = records();
    renameSync(bytes(`${source}/${NAME}`), bytes(`${source}/2${NAME}`));
    await recorded(['shell-move', 'binary-move', 'spawn-move']);
  });

  afterAll(async () => {
    await daemon.stop();
    place.end(failed);
  });

  function config(): string {
    const [source, target] = ['src', 'trg'].map((name) => luaText(`${place.path}/${NAME}/${name}`));
    const start = `settings { nodaemon = true }\nR = '${RECORDER}'\nlocal function all(event)\nlocal list = {}
      for _, name in ipairs { ${FIELDS.map((name) => `'${name}'`).join(', ')} } do table.insert(list, event[name]) end\nreturn list end\n`;
    return (
      start +
      ACTIONS.map(
        (action) =>
          `sync { { delay = 0.2, ${action}, onStartup = function() log('Normal', 'it is watched') end }, source = ${source}, target = ${target} }`,
      ).join('\n')
    );
  }

  function fieldsOfLater(name: string): () => string[] {
    return () => Object.values(fieldsOf(place.path, name));
  }

  /** By their first argument. */
  function records(): ReadonlyMap<string, Recorded> {
    const folder = join(place.path, 'record');
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.argv'))
      .toSorted();
    return new Map(
      names.map((name) => {
        const [first = '', ...argv] = readFileSync(join(folder, name), 'latin1').split('\0').slice(0, -1);
        const stdin = join(folder, name.replace(/argv$/, 'stdin'));
        return [first, { argv, stdin: first.includes('stdin') ? readFileSync(stdin, 'latin1') : '' }];
      }),
    );
  }

  async function recorded(kinds: readonly string[]): Promise<void> {
    await waitUntil(() => kinds.every((kind) => records().has(kind)), {
      deadlineMs: 30_000,
      what: `${kinds.join()} beside ${[...records().keys()].join()}:\n${daemon.output()}`,
    });
  }

  const ofVariables = (all: () => string[]) => (): string[] => all().slice(0, VARIABLES.length);

  it.each<readonly [string, () => string[]]>([
    ['shell', ofVariables(file)],
    ['binary', ofVariables(file)],
    ['forced', ofVariables(file)],
    ['quoted', () => ofVariables(file)().map((value) => `a ${value} z`)],
    ['shell-move', () => [...ofVariables(file)(), ...ofVariables(moved)()]],
    ['binary-move', () => [...ofVariables(file)(), ...ofVariables(moved)()]],
    ['spawn', file],
    ['spawn-move', () => [...file(), ...moved()]],
    ['spawn-shell', file],
  ])('reaches the child of %s as it is', (kind, expected) => {
    const from = kind.endsWith('move') ? records() : created;
    expect(from.get(kind)?.argv).toEqual(expected());
  });

  it('reaches stdin as it is', () => {
    expect(created.get('stdin')?.stdin.split('\0')).toEqual(file());
  });

  it.each(['list', 'list-shell'])('reaches the child of a %s as it is', (kind) => {
    expect(new Set(created.get(kind)?.argv)).toEqual(new Set([`/${NAME}/${NAME}`]));
  });

  it('reaches stdin from a list as it is', () => {
    expect(new Set(created.get('list-stdin')?.stdin.split('\0'))).toEqual(new Set([`/${NAME}/${NAME}`]));
  });

  it('is never run', () => {
    const found = readdirSync(place.path, { recursive: true, encoding: 'latin1' });
    expect(found.filter((name) => name.endsWith('pwned'))).toEqual([]);
    expect(daemon.output()).not.toMatch(/Error:|not found/);
    failed = false;
  });
});

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Decimal escapes for all that is not plain. */
function luaText(text: string): string {
  const escaped = text.replaceAll(/[^\w/.-]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`);
  return `"${escaped}"`;
}
