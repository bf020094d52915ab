// One life of a configuration: its watches, its syncs, its limits. HUP ends a round and starts the next.

import type { BytePath } from './byte-path.ts';
import { createBehaviour, type BehaviourContext } from './behaviour/create-behaviour.ts';
import type { Clock } from './clock.ts';
import type { Config, SyncSpec } from './config/sync-spec.ts';
import type { TunnelSpec } from './config/tunnel-spec.ts';
import { MachineError } from './errors.ts';
import type { Log } from './log.ts';
import { ProcessSlots } from './run/process-slots.ts';
import { Tunnel } from './run/tunnel.ts';
import type { StatusState } from './report/render-status.ts';
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
}

export class Round {
  readonly #options: RoundOptions;
  readonly #syncs: readonly Sync[];
  readonly #monitors = new Map<string, Monitor>();
  readonly #watches = new Map<Sync, Watch>();
  readonly #tunnels: ReadonlyMap<TunnelSpec, Tunnel>;
  #notStarted: number;
  #ending: Promise<void> | undefined;

  constructor(options: RoundOptions) {
    this.#options = options;
    const slots = new ProcessSlots(options.config.settings.maxProcesses);
    this.#notStarted = options.config.syncs.length;
    this.#tunnels = this.#createTunnels();
    this.#syncs = options.config.syncs.map(
      (spec, index) =>
        new Sync(spec, {
          ...options,
          slots,
          tunnel: spec.tunnel && this.#tunnels.get(spec.tunnel),
          createBehaviour: (log) => createBehaviour(spec, { ...options.behaviour, log }),
          drained: () => this.#monitorFor(spec).drained(),
          rewatch: () => this.#watch(this.#syncs[index]),
          onStarted: () => this.#syncStarted(),
        }),
    );
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
    const faded = this.#syncs.map((sync) => sync.fade());
    if (this.runningChildren > 0) {
      this.#options.log('Normal', `waiting for ${this.runningChildren} more child processes.`);
    }
    await Promise.all(faded);
    await Promise.all([...this.#tunnels.values()].map((tunnel) => tunnel.stop()));
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
    for (const monitor of this.#monitors.values()) await monitor.close();
    this.#monitors.clear();
  }

  /** Sends a signal to every child that runs. */
  signalChildren(signal: NodeJS.Signals): void {
    for (const sync of this.#syncs) sync.signalChildren(signal);
  }

  get runningChildren(): number {
    return this.#syncs.reduce((sum, sync) => sum + sync.runningChildren, 0);
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
        filters: sync.spec.filters,
        excludes: sync.spec.excludes,
        problems: this.#problemsOf(sync),
      })),
      watching: this.#watchedDirectories(),
      watchCount: [...this.#monitors.values()].reduce((sum, monitor) => sum + monitor.size, 0),
    };
  }

  /** The watch of before, which is of no use any more, is let go. */
  async #watch(sync: Sync | undefined): Promise<void> {
    if (sync === undefined || this.#ending !== undefined) throw new MachineError('Cannot watch: it is over');
    this.#watches.get(sync)?.stop();
    const watch = await this.#monitorFor(sync.spec).watch({
      source: sync.spec.source,
      inotifyMode: this.#options.config.settings.inotifyMode,
      subdirs: sync.spec.subdirs,
      wantsDirectory: (path) => sync.filter.passes(path),
      listener: sync,
    });
    this.#watches.set(sync, watch);
  }

  *#watchedDirectories(): Generator<readonly [number, BytePath]> {
    for (const monitor of this.#monitors.values()) yield* monitor.watchedDirectories();
  }

  #monitorFor(spec: SyncSpec): Monitor {
    const name = this.#options.monitor ?? spec.monitor ?? DEFAULT_MONITOR;
    const known = this.#monitors.get(name);
    if (known !== undefined) return known;
    const monitor = createMonitor(name, { log: this.#options.log });
    this.#monitors.set(name, monitor);
    return monitor;
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
      onOutput: onChildOutput,
      onReady: () => {
        for (const sync of this.#syncs) if (sync.spec.tunnel === spec) sync.onTunnelReady();
        onChange();
      },
    });
  }

  #problemsOf(sync: Sync): readonly string[] {
    const tunnel = sync.spec.tunnel && this.#tunnels.get(sync.spec.tunnel);
    return tunnel?.isReady === false ? [...sync.problems, 'its tunnel is down'] : sync.problems;
  }

  #syncStarted(): void {
    this.#notStarted--;
    if (this.#notStarted === 0) this.#options.onAllStarted();
  }
}
