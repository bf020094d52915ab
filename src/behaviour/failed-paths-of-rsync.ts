// Which paths of a batch an rsync that ended with 23 is about. Its words are those of rsync 3.1 to 3.5. Pure: text in, changes out.
// Where a line may mean anything else nothing is said, and the whole batch counts as failed.

import { parentOf, toText, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import { readComplaint, type Complaint, type Places } from './rsync-complaint.ts';

/** The last line of such an end: without it something of stderr is missing. */
const LAST_LINE = /^rsync error: .*\(code 23\)/m;

export interface FailedRun extends Places {
  readonly changes: readonly Delay[];
  /** What the source has at a path now (undefined: nothing). With it only what failed of a whole directory is named, else all of it. */
  readonly typeAt?: (path: BytePath) => 'directory' | 'other' | undefined;
}

/** A change that failed, and the line that says why. */
export interface Failure {
  readonly change: Delay;
  readonly why: string;
}

/**
 * The changes that failed. A directory whose attributes alone could not be set is among them even if only what is below it was sent.
 * undefined: stderr does not tell, all may have.
 */
export function failedPathsOfRsync(stderr: string, run: FailedRun): readonly Failure[] | undefined {
  if (!LAST_LINE.test(stderr)) return undefined;
  const index = createIndex(run.changes);
  const failed = new Map<BytePath, Failure>();
  for (const line of stderr.split('\n')) {
    const complaint = readComplaint(line, run);
    if (complaint === 'harmless') continue;
    const found = complaint === undefined ? [] : narrow(index.find(complaint), complaint, run);
    if (found.length === 0) return undefined;
    for (const change of found) failed.set(change.path, { change, why: toText(line) });
  }
  return failed.size === 0 ? undefined : [...failed.values()];
}

/** rsync went on with the rest of a whole directory. */
function narrow(
  found: readonly Delay[],
  { path, about }: Complaint,
  { typeAt }: Pick<FailedRun, 'typeAt'>,
): readonly Delay[] {
  if (typeAt === undefined || !found.every(({ whole }) => whole)) return found;
  if (about === 'removal' && typeAt(path) === undefined && path !== '/') {
    return [toChange('Delete', path, 'directory'), toChange('Delete', path, 'other')];
  }
  const kind = about === 'attributes' ? 'Attrib' : 'Modify';
  const there = [path, ...realNames(path)].flatMap((name) => {
    const type = typeAt(name);
    return type === undefined ? [] : [toChange(kind, name, type)];
  });
  return there.length > 0 ? there : found;
}

function toChange(kind: 'Delete' | 'Attrib' | 'Modify', path: BytePath, type: 'directory' | 'other'): Delay {
  const isDirectory = type === 'directory';
  const whole = isDirectory && kind === 'Modify';
  return { kind, path: isDirectory && path !== '/' ? `${path}/` : path, status: 'active', dueMs: 0, whole };
}

interface Index {
  /** Empty: it fits no change for sure. */
  find(complaint: Complaint): readonly Delay[];
}

function createIndex(changes: readonly Delay[]): Index {
  const byPath = groupByPath(changes);
  const parents = new Set(changes.flatMap(({ path }) => parentsOf(path)));

  function below(path: BytePath): readonly Delay[] {
    if (!parents.has(path)) return [];
    const prefix = path === '/' ? path : `${path}/`;
    return changes.filter((change) => change.path.startsWith(prefix));
  }

  /** It is named by what was sent or removed with all below it. */
  function above({ path, about }: Complaint): readonly Delay[] {
    for (const parent of parentsOf(path)) {
      const covering = (byPath.get(parent) ?? []).filter(
        ({ kind, whole, listing }) =>
          whole || listing === true || (parent !== '/' && (kind === 'Delete' || about === 'removal')),
      );
      if (covering.length > 0) return covering;
    }
    return [];
  }

  return {
    find(complaint) {
      const { path, about } = complaint;
      const named = [path, ...realNames(path)].flatMap((name) => byPath.get(name) ?? []);
      if (about === 'attributes') {
        if (named.length > 0) return named;
        return parents.has(path) ? [toChange('Attrib', path, 'directory')] : above(complaint);
      }
      const found = [...named, ...below(path)];
      return found.length > 0 ? found : above(complaint);
    },
  };
}

/** A path may be there as a file and as a directory. */
function groupByPath(changes: readonly Delay[]): ReadonlyMap<BytePath, readonly Delay[]> {
  const groups = new Map<BytePath, Delay[]>();
  for (const change of changes) {
    const bare = withoutTrailingSlash(change.path);
    const group = groups.get(bare);
    if (group === undefined) groups.set(bare, [change]);
    else group.push(change);
  }
  return groups;
}

/** Without trailing slashes, the nearest first, the root last. */
function parentsOf(path: BytePath): readonly BytePath[] {
  const parents: BytePath[] = [];
  for (let at = parentOf(path); at !== undefined; at = parentOf(at)) parents.push(withoutTrailingSlash(at));
  return parents;
}

/** rsync writes to `.NAME.XXXXXX` first, and gives a name that begins with a dot no second one. */
function realNames(path: BytePath): readonly BytePath[] {
  const [, folder = '', name = ''] = /^(.*\/)\.([^/]+)\.[A-Za-z0-9]{6}$/s.exec(path) ?? [];
  return name === '' ? [] : [folder + name, `${folder}.${name}`];
}
