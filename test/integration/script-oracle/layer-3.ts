// Layer 3: commands as texts.

import { gives, type Outcome, type ScriptCase } from './script-case.ts';

const RUNS = ['Normal: --- Startup ---', 'Normal: --- TERM signal, fading ---'];

const VARIABLES = ['source', 'target', 'path', 'pathname', 'pathdir', 'sourcePath', 'sourcePathname', 'sourcePathdir',
  'targetPath', 'targetPathname', 'targetPathdir']; // prettier-ignore

/** What lsyncd replaces in a move. */
const OF_MOVES = VARIABLES.slice(2).filter((name) => name !== 'pathdir');

/** What they are for the file f. */
const ALL_OF_F: Readonly<Record<string, string>> = {
  source: 'W/src/', target: 'W/trg', path: 'f', pathname: 'f', pathdir: '', sourcePath: 'W/src//f', sourcePathname: 'W/src//f',
  sourcePathdir: 'W/src//', targetPath: 'W/trg/f', targetPathname: 'W/trg/f', targetPathdir: 'W/trg/',
}; // prettier-ignore

/** lsyncd takes the variable out of the quotes of the user. */
function inQuotes(lsyncd: Outcome): Outcome {
  return { ...lsyncd, stdout: lsyncd.stdout.map((line) => line.replace('""$3""', '"${3}"')) };
}

/** In the log, not for the shell. */
function inLines(lsyncd: Outcome): Outcome {
  return {
    ...lsyncd,
    stdout: lsyncd.stdout.flatMap((line) => line.replace(/(?=  else|  fi")/g, '\n').split('\n')),
  };
}

/** Why a child could not be started. */
function saysWhy(lsyncd: Outcome): Outcome {
  return { ...lsyncd, stdout: [...lsyncd.stdout, 'Warn: Sync1: spawn /nosuch/binary ENOENT'] };
}

/** A sync with these keys. */
function layer3(name: string, keys: string, more: Omit<ScriptCase, 'name' | 'config'>): ScriptCase {
  return { name, config: `sync { { delay = 0.4, ${keys} }, source = SRC, target = TRG }`, ...more };
}

function words(variables: readonly string[]): string {
  return variables.map((name) => `${name}=^${name}`).join(' ');
}

function ofMoves(from: number, to?: number): string {
  return words(OF_MOVES.slice(from, to).flatMap((name) => [`o.${name}`, `d.${name}`]));
}

/** A text that begins with a slash is a binary; `exec` makes it one for the shell. */
const EACH_VARIABLE: readonly ScriptCase[] = [
  layer3('a shell gets the source, the target and the paths', `onCreate = 'exec {R} ${words(VARIABLES.slice(0, 5))}'`, { steps: ['mkdir d; echo >d/f', 'echo >f'] }),
  layer3('a shell gets the paths at the source', `onCreate = 'exec {R} ${words(VARIABLES.slice(5, 8))}'`, { steps: ['mkdir d; echo >d/f', 'echo >f'] }),
  layer3('a shell gets the paths at the target', `onCreate = 'exec {R} ${words(VARIABLES.slice(8))}'`, { steps: ['mkdir d; echo >d/f', 'echo >f'] }),
  layer3('a binary gets every variable', `onCreate = '{R} ${words(VARIABLES)}', onDelete = '{R} ${words(VARIABLES)}'`, { steps: ['mkdir d; echo >d/f', 'rm -r d', 'echo >f'] }),
]; // prettier-ignore

const KINDS = ['Attrib', 'Create', 'Modify', 'Delete', 'Move'];

export const LAYER_3: readonly ScriptCase[] = [
  ...EACH_VARIABLE,
  layer3('a shell with more than nine variables', `onCreate = 'exec {R} ${words(VARIABLES)}'`,
    { steps: ['echo >f'], differs: gives({ children: [words(VARIABLES).replaceAll(/\^\w+/g, (variable) => ALL_OF_F[variable.slice(1)] ?? '')] }) }),
  layer3('a binary with variables in brackets and words',
    `onCreate = '{R} ^pathname [^target]x a^path^pathname ^nosuch ^ ^^ "two words" $1'`, { steps: ['echo >f'] }),
  layer3('a binary with spaces in double quotes', `onCreate = '{R} a"b c"d "^path z" "" ^path" "b c "open end'`, { steps: ['echo >f'] }),
  layer3('-log FWrite of a binary with spaces in double quotes', `onCreate = '/bin/echo a"b c"d "^path z" "" ^path" "b c "open end'`, { args: ['-log', 'FWrite'] }),
  layer3('a shell with carets that are no variables', `onCreate = 'exec {R} ^nosuch ^ a^^pathname $# "$1" end'`, { steps: ['echo >f'] }),
  layer3('a shell with variables in double quotes', `onCreate = 'exec {R} "^pathname" "a ^path b"'`, { steps: ['echo >f', 'echo >"a b"'], differs: gives({ children: [String.raw`f a\ f\ b`, String.raw`a\ b a\ a\ b\ b`] }) }),
  layer3('a shell with variables in single quotes', `onCreate = [[exec {R} '^pathname']]`, { steps: ['echo >f'],
    differs: gives({ stderr: ['Warn: W/conf.lua:1: sync 1: onCreate: ^pathname stands within single quotes, where the shell leaves it as it is'] }) }),
  layer3('a text that begins with ^ is for the shell', `onCreate = '^{R} ^path $HOME | cat'`, { steps: ['echo >f'] }),
  layer3('a move in a shell: the paths of ^o. and ^d.', `onMove = 'exec {R} ${ofMoves(0, 4)}'`,
    { before: 'echo >a; mkdir d', steps: ['mv a b', 'mv b d/c', 'mv d e'] }),
  layer3('a move in a shell: the paths at the target of ^o. and ^d.', `onMove = 'exec {R} ${ofMoves(4)}'`,
    { before: 'echo >a; mkdir d', steps: ['mv a b', 'mv b d/c', 'mv d e'] }),
  layer3('a move in a binary: ^o. and ^d.', `onMove = '{R} ${ofMoves(0)}'`, { before: 'echo >a; mkdir d', steps: ['mv a d/c'] }),
  layer3('a move: ^o.pathdir', `onMove = '{R} ^o.pathdir ^d.pathdir'`, { before: 'mkdir d e; echo >d/a', steps: ['mv d/a e'], differs: gives({ children: ['d/ e/'] }) }),
  layer3('a move: ^o.source and ^o.target', `onMove = '{R} ^o.source ^d.target'`, { before: 'echo >a', steps: ['mv a b'], differs: gives({ children: ['W/src/ W/trg'] }) }),
  layer3('a move with plain variables', `onMove = '{R} move ^path ^targetPath ^source ^target'`, { before: 'echo >a', steps: ['mv a b'] }),
  layer3('a move with plain variables in a shell', `onMove = 'exec {R} move ^path ^targetPath ^source ^target'`, { before: 'echo >a', steps: ['mv a b'] }),
  layer3('each kind of event has its action', KINDS.map((kind) => `on${kind} = 'exec {R} ${kind} ^pathname'`).join(', '),
    { before: 'echo >a', steps: ['touch a', 'echo >>a', 'chmod 600 a', 'mv a b', 'rm b', 'mkdir d', 'rmdir d'] }),
  layer3('a file written once is created and modified', KINDS.map((kind) => `on${kind} = 'exec {R} ${kind} ^pathname'`).join(', '),
    { steps: ['echo >f'] }),
  layer3('^o. in an action that is no move', `onCreate = 'exec {R} ^o.path'`, { steps: ['echo >f'] }),
  layer3('without onMove a move is a delete and a create', `onDelete = '{R} delete ^path', onCreate = '{R} create ^path'`,
    { before: 'echo >a; mkdir -p d/in', steps: ['mv a b', 'mv d e'] }),
  layer3('onMove = true', `onDelete = '{R} delete ^path', onCreate = '{R} create ^path', onMove = true`, { before: 'echo >a', steps: ['mv a b'] }),
  layer3('onMove = false', `onDelete = '{R} delete ^path', onCreate = '{R} create ^path', onMove = false`, { before: 'echo >a', steps: ['mv a b'] }),
  layer3('a file that moves out or in', KINDS.map((kind) => `on${kind} = 'exec {R} ${kind} ^pathname'`).join(', '),
    { before: 'echo >a; mkdir d; echo >d/f', steps: ['mv a ..', 'mv ../a b', 'mv d ..', 'mv ../d e'] }),
  layer3('onStartup for the shell', `onStartup = 'exec {R} startup ^source ^target "^path" ^sourcePath ^targetPath', onCreate = '{R} create ^path'`,
    { before: 'echo >a', steps: ['echo >f'] }),
  layer3('onStartup for a binary', `onStartup = '{R} startup ^source ^target'`, { steps: ['echo >f'] }),
  layer3('onStartup fails', `onStartup = '{R} exit=3'`, {}),
  layer3('onStartup fails with again', `onStartup = '{R} exit=3', exitcodes = { [3] = 'again' }`, {}),
  layer3('an event without an action', `onCreate = '{R} create ^path'`, { before: 'echo >a', steps: ['rm a', 'echo >b', 'chmod 600 b'] }),
  layer3('no target', `onCreate = 'exec {R} ^source x'`, { steps: ['echo >f'] }),
  layer3('a command that fails', `onCreate = '{R} exit=5 ^path'`, { steps: ['echo >f'] }),
  layer3('a command whose exit code is ok', `onCreate = '{R} exit=5 ^path', exitcodes = { [5] = 'ok' }`, { steps: ['echo >f', 'echo >g'] }),
  layer3('a binary that is not there', `onCreate = '/nosuch/binary ^path'`, { steps: ['echo >f'], differs: saysWhy }),
  layer3('a command of the shell that is not there', `onCreate = 'nosuch-command ^path 2>/dev/null'`, { steps: ['echo >f'] }),
  layer3('several commands for the shell', `onCreate = 'true; {R} one ^path; {R} two ^pathname && {R} three'`, { steps: ['echo >f'] }),
  layer3('several lines for the shell', `onCreate = [[\n  if [ -d ^sourcePathname ]; then {R} directory ^path\n  else {R} file ^path\n  fi\n]]`,
    { steps: ['echo >f', 'mkdir d'], differs: inLines }),
  layer3('what a command prints', `onCreate = 'echo ^pathname; echo bad >&2'`, { steps: ['echo >f'] }),
  layer3('-log FWrite of a binary', `onCreate = '/bin/cp -p ^sourcePath "^targetPath" a^path [^source]'`, { args: ['-log', 'FWrite'] }),
  layer3('-log FWrite of a binary without arguments', `onCreate = '/bin/true'`, { args: ['-log', 'FWrite'] }),
  layer3('-log FWrite of a shell', `onCreate = 'cat ^sourcePath "^targetPath" >a^path; echo "$1" ^path ^path'`, { args: ['-log', 'FWrite'], differs: inQuotes }),
  layer3('-log FWrite of a shell without variables', `onCreate = 'cat'`, { args: ['-log', 'FWrite'] }),
  layer3('-log FWrite of a forced shell', `onCreate = '^/bin/rm ^path'`, { args: ['-log', 'FWrite'] }),
  layer3('-log FWrite of a move by a binary', `onMove = '/bin/mv ^o.targetPath x^d.targetPath [^o.path] ^path'`, { args: ['-log', 'FWrite'] }),
  layer3('-log FWrite of a move by a shell', `onMove = 'mv ^o.targetPath "^d.targetPath" ^path'`, { args: ['-log', 'FWrite'], differs: inQuotes }),
  layer3('-log FWrite of onStartup', `onStartup = 'cp -r ^source ^target'`, { args: ['-log', 'FWrite'] }),
  layer3('exclude in a table of actions', `onCreate = '{R} create ^path', exclude = { '*.o' }`, { differs: gives({ exitCode: 143, stdout: RUNS, stderr: [] }) }),
  layer3('an action that is a number', `onCreate = 5`, { steps: ['true'],
    differs: gives({ exitCode: 255, stdout: [], stderr: ['Error: error preparing W/conf.lua: W/conf.lua:1: Cannot use onCreate 5: expected a text or a function (W/conf.lua:1, sync 1)'] }) }),
  layer3('texts and functions together', `onCreate = 'exec {R} create ^path', onDelete = function(event) spawn(event, R, 'delete', event.path) end`,
    { steps: ['echo >f', 'rm f'] }),
  { name: 'two syncs of one source', config: `sync { { delay = 0.4, onCreate = '{R} one ^path' }, source = SRC, target = TRG }\nsync { { delay = 0.4, onCreate = '{R} two ^path' }, source = SRC, target = TRG }`,
    steps: ['echo >f'], unordered: true },
  { name: 'an action beside default.rsync', config: `sync { default.rsync, source = SRC, target = TRG, onCreate = 'echo ^path' }`,
    differs: gives({ stderr: ['Error: error preparing W/conf.lua: W/conf.lua:1: Parameter "onCreate" unknown. ( if this is not a typo add it to checkgauge )'] }) },
  { name: 'actions in sync{} itself', config: `sync { source = SRC, target = TRG, delay = 0.4, onCreate = '{R} create ^path' }`, steps: ['echo >f'] },
  { name: 'a sync without any action', config: `sync { { delay = 0.4 }, source = SRC, target = TRG }`, steps: ['true'],
    differs: gives({ exitCode: 255, stdout: [], stderr: ['Error: error preparing W/conf.lua: W/conf.lua:1: no actions specified. A sync begins with default.rsync, default.rsyncssh or default.direct'] }) },
]; // prettier-ignore
