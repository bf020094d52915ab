// The options of the command line: their names and how many words follow each. lsyncd's own, as its manual and its help have them.

/** How many words an option takes; `name` = one, or none when nothing that could be a name follows. */
export type OptionWords = 0 | 1 | 2 | 3 | 'name';

/** Every option, without its dashes. */
export const optionWords: ReadonlyMap<string, OptionWords> = new Map<string, OptionWords>([
  ['delay', 1],
  ['direct', 2],
  ['help', 0],
  ['insist', 0],
  ['log', 1],
  ['logfile', 1],
  ['monitor', 'name'],
  ['nodaemon', 0],
  ['onepass', 0],
  ['pidfile', 1],
  ['rsync', 2],
  ['rsyncssh', 3],
  ['runner', 1],
  ['script', 1],
  ['sshopts', 1],
  ['strict', 0],
  ['version', 0],
]);

/** The monitors that `-monitor` takes. */
export const monitorNames: readonly string[] = ['inotify', 'chokidar'];
