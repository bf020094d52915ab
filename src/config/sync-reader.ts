// Values of one sync as resolve-sync.ts asks for them: the user's own, or what default.* presets.

import type { RunOptions } from '../cli/cli-options.ts';
import type { BytePath } from '../byte-path.ts';
import type { LuaTable, LuaValue } from '../lua/lua-value.ts';
import type { Declaration } from './declaration.ts';
import { toExitCodes } from './exit-codes.ts';
import type { SyncSettings } from './resolve-settings.ts';
import type { ExitCodes } from './sync-spec.ts';
import { read, readFlag, shown } from './values.ts';
import type { Key } from './values.ts';

export interface ResolveSyncOptions {
  readonly cli: RunOptions;
  readonly settings: SyncSettings;
  readonly monitors: readonly string[];
  readonly cwd: BytePath;
  /** The config's own `default`: its maxDelays and maxProcesses are the last resort. */
  readonly defaults: LuaTable;
}

export class SyncReader {
  readonly declaration: Declaration;
  readonly options: ResolveSyncOptions;

  constructor(declaration: Declaration, options: ResolveSyncOptions) {
    this.declaration = declaration;
    this.options = options;
  }

  key(path: string): Key {
    return { place: this.declaration.place, path };
  }

  value(name: string): LuaValue {
    return this.declaration.user(name);
  }

  own<T>(name: string, kind: Parameters<typeof read<T>>[1]): T | undefined {
    return read(this.key(name), kind, this.value(name));
  }

  flag(name: string): boolean | undefined {
    return readFlag(this.key(name), this.value(name));
  }

  /** Of default.rsync etc., else of `default` itself. */
  presetValue(name: string): LuaValue {
    return this.declaration.inherited.defaults.get(name) ?? this.options.defaults.get(name);
  }

  preset<T>(name: string, kind: Parameters<typeof read<T>>[1]): T | undefined {
    return read(this.key(`default.${name}`), kind, this.presetValue(name));
  }

  exitCodes(name: string, over: ExitCodes): ExitCodes {
    const defaults = this.exitCodesOf(name, { value: this.presetValue(name), over });
    return this.exitCodesOf(name, { value: this.value(name), over: defaults });
  }

  exitCodesOf(
    name: string,
    { value, over }: { readonly value: LuaValue; readonly over: ExitCodes },
  ): ExitCodes {
    return toExitCodes(this.key(name), value, over);
  }

  warnUnclearDelete(value: LuaValue): void {
    this.declaration.place.warn(
      `delete = ${shown(value)} deletes nothing, as in lsyncd; write delete = true or delete = false`,
    );
  }
}
