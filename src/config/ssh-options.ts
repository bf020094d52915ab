// `ssh = {}` and `xargs = {}` of default.rsyncssh, and the `--rsh=` that makes rsync use the same ssh.

import { LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { Place } from './diagnostics.ts';
import type { Inherited } from './inherit.ts';
import { sshKeys, xargsKeys } from './known-keys.ts';
import { didYouMean } from './nearest-name.ts';
import type { RsyncOptions, SshOptions, XargsOptions } from './sync-spec.ts';
import { kinds } from './value-kinds.ts';
import { read, readFlag, readUnlessFalse, readWords, refuse } from './values.ts';
import type { Key } from './values.ts';

const transports = ['openssh', 'ssh2'] as const;

/** The daemon puts the socket of its ssh master in place of `^controlpath` when it starts a child. ssh takes the first of each option. */
const SHARED = ['-o', 'ControlMaster=no', '-o', 'ControlPath=^controlpath'];

/** Words that -sshopts adds come last.
 * @throws ConfigProblem for an unknown key or an unusable value */
export function toSshOptions(
  { user, defaults }: Inherited,
  { place, sshopts }: { readonly place: Place; readonly sshopts: readonly string[] },
): SshOptions {
  const own = subtable(user.get('ssh'), { name: 'ssh', known: sshKeys, place });
  const preset = defaults.get('ssh');
  const value = (name: string): LuaValue =>
    own.get(name) ?? (preset instanceof LuaTable ? preset.get(name) : undefined);
  const key = (name: string): Key => ({ place, path: `ssh.${name}` });
  const identity = readUnlessFalse(key('identityFile'), kinds.text, value('identityFile'));
  const port = portOf(key('port'), value('port'));
  const isShared = readFlag(key('multiplex'), value('multiplex')) ?? false;
  if (isShared) refuseOwnControl(key('options'), value('options'));
  return {
    binary: read(key('binary'), kinds.text, value('binary')) ?? 'ssh',
    args: [
      ...(isShared ? SHARED : []),
      ...(identity === undefined ? [] : ['-i', identity]),
      ...optionPairs(key('options'), value('options')).flatMap((pair) => ['-o', pair]),
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...readWords(key('_extra'), value('_extra')),
      ...sshopts,
    ],
    transport: toTransport(key('transport'), value('transport')),
    isShared,
  };
}

/** @throws ConfigProblem as above */
export function toXargsOptions({ user }: Inherited, place: Place): XargsOptions {
  const table = subtable(user.get('xargs'), { name: 'xargs', known: xargsKeys, place });
  if (user.get('xargs') !== undefined) {
    place.oldSpelling('"xargs" is an old spelling; deletes over ssh need no xargs = { … } any more');
  }
  const key = (name: string): Key => ({ place, path: `xargs.${name}` });
  const delimiter = read(key('delimiter'), kinds.bytes, table.get('delimiter')) ?? '\0';
  if (delimiter.length !== 1) refuse(key('delimiter'), delimiter, 'expected one byte');
  const extra = table.get('_extra');
  return {
    binary: read(key('binary'), kinds.text, table.get('binary')) ?? 'xargs',
    delimiter,
    extra: extra === undefined ? ['-0', 'rm', '-rf', '--'] : readWords(key('_extra'), extra),
  };
}

/** Adds `--rsh=ssh -i ID …` behind the long options, unless the user's own `rsync.rsh` is there or plain ssh is meant. */
export function withRsh(rsync: RsyncOptions, ssh: SshOptions): RsyncOptions {
  const isPlain = ssh.binary === 'ssh' && ssh.args.length === 0;
  if (isPlain || rsync.longOptions.some((option) => option.startsWith('--rsh='))) return rsync;
  const command = [ssh.binary, ...ssh.args].map((word, index, words) => {
    const takesText = index === 0 || words[index - 1] === '-i' || words[index - 1] === '-o';
    return takesText ? quoted(word) : word;
  });
  return { ...rsync, longOptions: [...rsync.longOptions, `--rsh=${command.join(' ')}`] };
}

/** rsync splits --rsh at spaces outside quotes; a word that brings its own quotes is left as the user wrote it. */
function quoted(word: string): string {
  return /\s/.test(word) && !/["']/.test(word) ? `'${word}'` : word;
}

/** `{ K = V }` and `{ "K=V" }`; true and false are ssh's yes and no. */
function optionPairs(key: Key, value: LuaValue): readonly string[] {
  const table = readUnlessFalse(key, kinds.table, value);
  if (table === undefined) return [];
  const named = table.named().filter(([name]) => !name.startsWith('_'));
  return [
    ...named.map(([name, option]) => {
      const text = typeof option === 'boolean' ? (option ? 'yes' : 'no') : option;
      return `${name}=${read({ ...key, path: `${key.path}.${name}` }, kinds.text, text) ?? ''}`;
    }),
    ...table.positional().map((option) => read(key, kinds.text, option) ?? ''),
  ];
}

/** A socket of the user's own and one of the daemon's do not go together. */
function refuseOwnControl(key: Key, value: LuaValue): void {
  const own = optionPairs(key, value).find((pair) => /^\s*Control(?:Master|Path|Persist)\b/i.test(pair));
  if (own !== undefined) refuse({ ...key, path: 'ssh.multiplex' }, true, `ssh.options has "${own}"`);
}

/** Of a sync with a tunnel it may be the port that is chosen when the tunnel starts. */
function portOf(key: Key, value: LuaValue): number | string | undefined {
  const isVariable = value === '^localport' || value === '${localport}';
  return isVariable ? value : readUnlessFalse(key, kinds.port, value);
}

function toTransport(key: Key, value: LuaValue): SshOptions['transport'] {
  if (value === undefined) return undefined;
  return (
    transports.find((transport) => transport === value) ?? refuse(key, value, 'expected "openssh" or "ssh2"')
  );
}

interface Subtable {
  readonly name: string;
  readonly known: readonly string[];
  readonly place: Place;
}

function subtable(value: LuaValue, { name, known, place }: Subtable): LuaTable {
  if (value === undefined || value === false) return new LuaTable();
  if (!(value instanceof LuaTable)) throw new ConfigProblem(`Parameter "${name}" must be a table.`);
  for (const key of value.entries.keys()) {
    if (typeof key === 'string' && (known.includes(key) || key === '_verbatim' || key === '_merge')) continue;
    const path = `${name}.${key}`;
    const hint = didYouMean(String(key), { known, prefix: `${name}.` });
    throw new ConfigProblem(`Parameter "${path}" unknown (${place.part}: ${path})${hint}`);
  }
  return value;
}
