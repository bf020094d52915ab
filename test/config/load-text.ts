// Loads config text as the daemon would, from a directory of its own with a source `src` and a target `trg`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunOptions } from '../../src/cli/cli-options.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { AnySyncSpec, Config, SyncSpec } from '../../src/config/sync-spec.ts';
import { makeTemporaryFolder } from '../helpers/temporary-folder.ts';

export const noOptions: RunOptions = {
  configFile: undefined,
  syncs: [],
  delaySeconds: undefined,
  insist: undefined,
  log: [],
  logfile: undefined,
  nodaemon: undefined,
  onepass: undefined,
  pidfile: undefined,
  sshopts: undefined,
  script: undefined,
  monitor: undefined,
  strict: false,
};

/** Absolute, with links resolved, without a trailing slash. */
export function makeDirectory(): string {
  const directory = makeTemporaryFolder('tsyncd-config-');
  mkdirSync(join(directory, 'src'));
  mkdirSync(join(directory, 'trg'));
  return directory;
}

export interface LoadedText {
  readonly config: Config;
  readonly printed: string;
  readonly directory: string;
}

export interface TextOptions {
  readonly cli?: Partial<RunOptions>;
  readonly directory?: string;
  /** Sees what is printed also when loading throws. */
  readonly onPrint?: (part: string) => void;
}

/** In `text`, DIR is the directory, and BASE stands for a source and a local target. */
export function loadText(
  text: string,
  { cli = {}, directory = makeDirectory(), onPrint }: TextOptions = {},
): LoadedText {
  const file = join(directory, 'conf.lua');
  const code = text.replaceAll('BASE', 'source = "DIR/src", target = "DIR/trg"').replaceAll('DIR', directory);
  writeFileSync(file, code, 'latin1');
  let printed = '';
  const config = loadConfig({
    cli: { ...noOptions, configFile: file, ...cli },
    programName: 'tsyncd',
    monitors: ['inotify', 'chokidar'],
    print: (part) => {
      printed += part;
      onPrint?.(part);
    },
    cwd: directory,
  });
  return { config, printed, directory };
}

/** The message of the error that loading throws, with the directory as DIR again. */
export function errorOf(text: string, options: TextOptions = {}): string {
  const directory = options.directory ?? makeDirectory();
  try {
    loadText(text, { ...options, directory });
  } catch (error) {
    return (error as Error).message.replaceAll(directory, 'DIR');
  }
  return '(it loaded)';
}

/** The warnings, with the directory as DIR again. */
export function warningsOf(text: string, options: TextOptions = {}): readonly string[] {
  const { config, directory } = loadText(text, options);
  return config.warnings.map((warning) => warning.replaceAll(directory, 'DIR'));
}

/** The sync, of which Lua of the user's is no part. */
export function builtIn(spec: AnySyncSpec | undefined): SyncSpec {
  if (spec === undefined || spec.kind === 'script') throw new Error('no sync of default.*');
  return spec;
}
