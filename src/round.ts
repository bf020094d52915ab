// One life of a configuration: its watches, its syncs, its limits. HUP ends a round and starts the next.

import type { BytePath } from './byte-path.ts';
import { createBehaviour, type BehaviourContext } from './behaviour/create-behaviour.ts';
import { SourceLooks } from './behaviour/source-looks.ts';
import type { Clock } from './clock.ts';
import type { AnySyncSpec, Config } from './config/sync-spec.ts';
import type { TunnelSpec } from './config/tunnel-spec.ts';
import { MachineError } from './errors.ts';
import type { Log } from './log.ts';
import { childEnvironment, workOf } from './run/child-mark.ts';
import { endLeftovers } from './run/leftovers.ts';
import { ProcessSlots } from './run/process-slots.ts';
import { SshWays } from './run/ssh/ssh-ways.ts';
import { Tunnel } from './run/tunnel.ts';
import type { StatusState } from './report/render-status.ts';
import type { ScriptDelay } from './queue/script-queue.ts';
import { createScriptHost } from './sync/script-host.ts';
import { ScriptSync } from './sync/script-sync.ts';
import type { SyncAtWork } from './sync/sync-at-work.ts';
import { Sync } from './sync/sync.ts';
import { createMonitor, DEFAULT_MONITOR } from './watch/create-monitor.ts';
import type { Monitor, Watch } from './watch/monitor.ts';

export interface RoundOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly behaviour: Omit<BehaviourContext, 'log'>;
  /** From the command line; it wins over what a sync says. */
  readonly monitor: string | undefined;
  readonly insist: boolean;
  readonly onChildOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  readonly onChange: () => void;
  /** Every sync has done its startup. */
  readonly onAllStarted: () => void;
  /** A sync found that the daemon must end. */
  readonly onFatal: () => void;
  /** A script ends the daemon. */
  readonly onTerminate: (exitCode: number) => void;
  /** What the scripts of the round before left undone (`Round.unfinished`). */
  readonly unfinished: Unfinished;
}

/** By name and source of the sync. */
export type Unfinished = ReadonlyMap<string, readonly ScriptDelay[]>;

export class Round {
  readonly #options: RoundOptions;
  readonly #syncs: readonly SyncAtWork[];
  readonly #monitors = new Map<string, Monitor>();
  readonly #looks = new Map<BytePath, SourceLooks>();
  readonly #watches = new Map<SyncAtWork, Watch>();
  readonly #tunnels: ReadonlyMap<TunnelSpec, Tunnel>;
  readonly #slots: ProcessSlots;
  readonly #sshWays: SshWays;
  readonly #scriptHost: ReturnType<typeof createScriptHost>;
  #notStarted: number;
  #ending: Promise<void> | undefined;

  constructor(options: RoundOptions) {
    this.#options = options;
    const { config } = options;
    this.#slots = new ProcessSlots(config.settings.maxProcesses);
    this.#sshWays = new SshWays(options);
    this.#scriptHost = createScriptHost(options);
    config.script?.attach(this.#scriptHost);
    this.#notStarted = config.syncs.length;
    this.#tunnels = this.#createTunnels();
    this.#syncs = config.syncs.map((spec) => this.#createSync(spec));
  }

  #createSync(spec: AnySyncSpec): SyncAtWork {
    const options = this.#options;
    const base = spec.kind === 'script' ? spec.base : spec;
    const context = {
      ...options,
      startChild: base?.kind === 'rsyncssh' ? this.#sshWays.starterFor(base) : undefined,
      slots: this.#slots,
      tunnel: spec.tunnel && this.#tunnels.get(spec.tunnel),
      drained: () => this.#monitorFor(spec).drained(),
      rewatch: () => this.#watch(sync),
      onStarted: () => this.#syncStarted(),
      childEnvironment: childEnvironment(workOfSync(spec)),
    };
    const looks = this.#looksAt(spec.source);
    const sync: SyncAtWork =
      spec.kind === 'script'
        ? new ScriptSync(spec, {
            ...context,
            createBehaviour: (its, log) => createBehaviour(its, { ...options.behaviour, log }),
            inherited: options.unfinished.get(keyOf(spec)) ?? [],
          })
        : new Sync(spec, {
            ...context,
            onSourceChange: () => looks.forget(),
            createBehaviour: (log) => createBehaviour(spec, { ...options.behaviour, log, looks }),
          });
    return sync;
  }

  /**
   * Sets every watch. Call once, first. With `goesOn` a sync whose source cannot be watched is halted, and tries it now and then.
   * @throws MachineError when a source cannot be watched; call `end()` all the same
   */
  async watch({ goesOn }: { readonly goesOn: boolean }): Promise<void> {
    for (const sync of this.#syncs) {
      try {
        await this.#watch(sync);
      } catch (error) {
        if (!goesOn || !(error instanceof MachineError)) throw error;
        sync.halt(`cannot be watched (${error.message})`);
      }
    }
  }

  /** Ends the children that a daemon of before, which was killed, has left at the work of this round. Call it before `begin()`. */
  async endLeftovers(): Promise<void> {
    const { clock, config, log } = this.#options;
    const works = new Set([
      ...config.syncs.map(workOfSync),
      ...[...this.#tunnels.keys()].map(({ command }) => workOf(...command)),
    ]);
    await endLeftovers({ works, log, clock });
  }

  /** Lets the syncs begin with their startup. Call once, after `watch()`. */
  begin(): void {
    for (const tunnel of this.#tunnels.values()) tunnel.start();
    for (const sync of this.#syncs) sync.start();
  }

  /** Starts no new child, waits for those that run, lets the watches go. Idempotent. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#scriptHost.end();
    const faded = this.#syncs.map((sync) => sync.fade());
    if (this.runningChildren > 0) {
      this.#options.log('Normal', `waiting for ${this.runningChildren} more child processes.`);
    }
    await Promise.all(faded);
    await this.#sshWays.end();
    await Promise.all([...this.#tunnels.values()].map((tunnel) => tunnel.stop()));
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
    for (const monitor of this.#monitors.values()) await monitor.close();
    this.#monitors.clear();
    this.#options.config.script?.close();
  }

  /** Sends a signal to every child that runs. */
  signalChildren(signal: NodeJS.Signals): void {
    for (const sync of this.#syncs) sync.signalChildren(signal);
  }

  get runningChildren(): number {
    return this.#syncs.reduce((sum, sync) => sum + sync.runningChildren, 0);
  }

  /** What scripts have not done yet; call it when the round is over. */
  get unfinished(): Unfinished {
    const scripts = this.#syncs.filter((sync) => sync instanceof ScriptSync);
    return new Map(scripts.map((sync) => [keyOf(sync.spec), sync.unfinished]));
  }

  /** True if a startup sync left something undone. */
  get hasProblems(): boolean {
    return this.#syncs.some((sync) => sync.problems.length > 0);
  }

  /** What the status file shows. */
  get status(): StatusState {
    return {
      syncs: this.#syncs.map((sync) => ({
        name: sync.spec.name,
        source: sync.spec.source,
        delays: sync.queue.entries(),
        delayCount: sync.queue.size,
        filters: sync.rules.filters,
        excludes: sync.rules.excludes,
        problems: this.#problemsOf(sync),
        notes: sync.watchNotes,
      })),
      watching: this.#watchedDirectories(),
      watchCount: [...this.#monitors.values()].reduce((sum, monitor) => sum + monitor.size, 0),
    };
  }

  /** The watch of before, which is of no use any more, is let go. */
  async #watch(sync: SyncAtWork): Promise<void> {
    if (this.#ending !== undefined) throw new MachineError('Cannot watch: it is over');
    this.#watches.get(sync)?.stop();
    const watch = await this.#monitorFor(sync.spec).watch({
      source: sync.spec.source,
      inotifyMode: this.#options.config.settings.inotifyMode,
      subdirs: sync.spec.subdirs,
      rescanIntervalMs: sync.spec.rescanIntervalMs ?? Number.POSITIVE_INFINITY,
      wantsDirectory: (path) => sync.filter.passes(path),
      listener: sync,
    });
    this.#watches.set(sync, watch);
  }

  *#watchedDirectories(): Generator<readonly [number, BytePath]> {
    for (const monitor of this.#monitors.values()) yield* monitor.watchedDirectories();
  }

  #monitorFor(spec: AnySyncSpec): Monitor {
    const name = this.#options.monitor ?? spec.monitor ?? DEFAULT_MONITOR;
    const known = this.#monitors.get(name);
    if (known !== undefined) return known;
    const monitor = createMonitor(name, { log: this.#options.log });
    this.#monitors.set(name, monitor);
    return monitor;
  }

  #looksAt(source: BytePath): SourceLooks {
    const known = this.#looks.get(source);
    if (known !== undefined) return known;
    const looks = new SourceLooks(source, this.#options.clock);
    this.#looks.set(source, looks);
    return looks;
  }

  /** Syncs with the same `tunnel{}` share it. */
  #createTunnels(): ReadonlyMap<TunnelSpec, Tunnel> {
    const specs = new Set(this.#options.config.syncs.flatMap(({ tunnel }) => tunnel ?? []));
    return new Map([...specs].map((spec) => [spec, this.#createTunnel(spec)]));
  }

  #createTunnel(spec: TunnelSpec): Tunnel {
    const { clock, config, log, onChildOutput, onChange } = this.#options;
    const users = config.syncs.filter(({ tunnel }) => tunnel === spec);
    return new Tunnel(spec, {
      name: users.map(({ name }) => name).join(', '),
      log,
      clock,
      childEnvironment: childEnvironment(workOf(...spec.command)),
      onOutput: onChildOutput,
      onReady: () => {
        for (const sync of this.#syncs) if (sync.spec.tunnel === spec) sync.onTunnelReady();
        onChange();
      },
    });
  }

  #problemsOf(sync: SyncAtWork): readonly string[] {
    const tunnel = sync.spec.tunnel && this.#tunnels.get(sync.spec.tunnel);
    return tunnel?.isReady === false ? [...sync.problems, 'its tunnel is down'] : sync.problems;
  }

  #syncStarted(): void {
    this.#notStarted--;
    if (this.#notStarted === 0) this.#options.onAllStarted();
  }
}

/** What its children bring up to date. Of a script that is what the built-in behaviours do for it; what else it starts is the user's. */
function workOfSync(spec: AnySyncSpec): string {
  const base = spec.kind === 'script' ? spec.base : spec;
  if (base === undefined) return workOf(spec.source, '');
  return workOf(spec.source, base.kind === 'rsyncssh' ? `${base.host}:${base.targetdir}` : base.target);
}

function keyOf({ name, source }: AnySyncSpec): string {
  return `${name}\0${source}`;
}
