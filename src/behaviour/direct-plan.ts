// default.direct looks at the source and the target, and says what must be done at the target for each path of a batch.

import { parentOf, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import { nextTurn, type Seen, type TreeView } from './source-state.ts';

export interface DirectPlan {
  /** What lies where something of another kind must come. */
  readonly conflicts: ReadonlySet<BytePath>;
  /** Directories to make, parents first. */
  readonly directories: ReadonlySet<BytePath>;
  /** Files and symlinks to copy. */
  readonly copies: ReadonlySet<BytePath>;
  /** What is only given its attributes again; directories among them after everything else, deepest first. */
  readonly attributes: ReadonlySet<BytePath>;
}

export interface DirectPlanOptions {
  readonly source: TreeView;
  readonly target: TreeView;
  /** Fifos, sockets and devices are copied too (rsync's -D at the full sync). */
  readonly copiesSpecials: boolean;
}

/** So many paths are looked at before other work of the daemon gets its turn. */
const CHUNK = 250;

/** Paths the source does not have (any more) are left out. */
export async function planDirect(changes: readonly Delay[], options: DirectPlanOptions): Promise<DirectPlan> {
  const plan = {
    conflicts: new Set<BytePath>(),
    directories: new Set<BytePath>(),
    copies: new Set<BytePath>(),
    attributes: new Set<BytePath>(),
  };
  for (const [index, change] of changes.entries()) {
    if (index % CHUNK === CHUNK - 1) await nextTurn();
    const seen = options.source.look(change.path);
    if (seen.state === 'there') planPath(seen, { change, plan, options });
  }
  return plan;
}

interface PlanStep {
  readonly change: Delay;
  readonly plan: { readonly [Key in keyof DirectPlan]: Set<BytePath> };
  readonly options: DirectPlanOptions;
}

function planPath(seen: Seen & { state: 'there' }, { change, plan, options }: PlanStep): void {
  const { path, stats } = seen;
  if (path === '/') return void plan.attributes.add(path);
  planParents(path, { plan, options });
  if (stats.isDirectory()) return planDirectory(path, { plan, options });
  if (!stats.isFile() && !stats.isSymbolicLink() && !options.copiesSpecials) return;
  const there = options.target.look(path);
  const isThere = there.path === path && there.state === 'there';
  if (isThere && there.stats.isDirectory()) plan.conflicts.add(path);
  if (isThere && change.kind === 'Attrib' && hasSameContent(seen.stats, there.stats))
    plan.attributes.add(path);
  else plan.copies.add(path);
}

/** Every parent must be a directory at the target, and gets the times that the copying takes from it. */
function planParents(path: BytePath, step: Omit<PlanStep, 'change'>): void {
  const parents: BytePath[] = [];
  for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
    const bare = withoutTrailingSlash(parent);
    if (step.plan.attributes.has(bare)) break;
    parents.unshift(bare);
  }
  for (const parent of parents) planDirectory(parent, step);
}

function planDirectory(path: BytePath, { plan, options }: Omit<PlanStep, 'change'>): void {
  plan.attributes.add(path);
  if (path === '/' || options.target.has(`${path}/`)) return;
  plan.directories.add(path);
  const there = options.target.look(path);
  if (there.path === path && there.state === 'there') plan.conflicts.add(path);
}

type Stats = (Seen & { state: 'there' })['stats'];

function hasSameContent(one: Stats, other: Stats): boolean {
  return one.isFile() && other.isFile() && one.size === other.size && one.mtimeNs === other.mtimeNs;
}
