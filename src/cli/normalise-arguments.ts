// lsyncd's way to write options (`-nodaemon`, `--nodaemon`, `-rsync SRC TARGET`) turned into the one form that a getopt-like parser
// takes without doubt: `--name` and `--name=value`. Options of several words carry a JSON array as their value.

import { ConfigError } from '../errors.ts';
import { optionWords } from './option-table.ts';

/** The command line in normal form. */
export interface NormalArguments {
  /** `--name` or `--name=value`, in the order they were written. */
  readonly options: readonly string[];
  /** What is neither an option nor the value of one. */
  readonly operands: readonly string[];
}

/**
 * `argv` without the program itself. An option has one dash or two, and may stand behind the config file. The words
 * behind an option are its values even when they begin with a dash, as lsyncd takes them. What follows `-version` is not looked at, and
 * `-help` anywhere outdoes all else, as with lsyncd.
 * @throws ConfigError for an unknown option, one that lacks values, `-runner`
 */
export function normaliseArguments(argv: readonly string[]): NormalArguments {
  if (asksForHelp(argv)) return { options: ['--help'], operands: [] };
  const options: string[] = [];
  const operands: string[] = [];
  for (let at = 0; at < argv.length;) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-')) {
      operands.push(word);
      at += 1;
      continue;
    }
    const values = valuesOf(argv, at);
    options.push(toNormalForm(nameOf(word), values));
    if (nameOf(word) === 'version') break;
    at += 1 + values.length;
  }
  return { options, operands };
}

/** `-delay` and `--delay` → `delay`; three dashes are not taken off. */
function nameOf(word: string): string {
  return word.replace(/^--?/u, '');
}

function valuesOf(argv: readonly string[], at: number): readonly string[] {
  const word = argv[at] ?? '';
  const name = nameOf(word);
  const wanted = optionWords.get(name);
  if (name === 'runner') throw new ConfigError(runnerRefusal);
  if (wanted === undefined) throw new ConfigError(`unknown option command line option ${word}`);
  if (wanted === 'name') return argv[at + 1]?.startsWith('-') === false ? argv.slice(at + 1, at + 2) : [];
  const values = argv.slice(at + 1, at + 1 + wanted);
  if (values.length < wanted) throw new ConfigError(`${name} needs ${wanted} arguments`);
  return values;
}

const runnerRefusal =
  'Cannot use option "-runner": there is no runner in Lua to be replaced (-script FILE loads Lua before the config)';

function toNormalForm(name: string, values: readonly string[]): string {
  if (optionWords.get(name) === 0 || values.length === 0) return `--${name}`;
  return `--${name}=${values.length === 1 ? values[0] : JSON.stringify(values)}`;
}

function asksForHelp(argv: readonly string[]): boolean {
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '-help' || word === '--help') return true;
    const wanted = word.startsWith('-') ? optionWords.get(nameOf(word)) : 0;
    at += typeof wanted === 'number' ? wanted : 0;
  }
  return false;
}
