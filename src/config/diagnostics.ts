// What is found while a config is read: warnings are kept, problems thrown. Each names the place as `file:line: `.

/** A fault of the configuration, without its place; whoever knows the place turns it into a ConfigError. */
export class ConfigProblem extends Error {
  override readonly name = 'ConfigProblem';
}

export interface DiagnosticsOptions {
  /** Old spellings are problems, not warnings. */
  readonly strict: boolean;
  readonly onWarning?: ((text: string) => void) | undefined;
}

export class Diagnostics {
  readonly #options: DiagnosticsOptions;
  readonly #warnings = new Set<string>();

  constructor(options: DiagnosticsOptions) {
    this.#options = options;
  }

  /** Each text once, in the order they were found. */
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  warn(where: string, text: string): void {
    const line = `${where}: ${text}`;
    if (this.#warnings.has(line)) return;
    this.#warnings.add(line);
    this.#options.onWarning?.(line);
  }

  /** @throws ConfigProblem with -strict */
  oldSpelling(where: string, text: string): void {
    if (this.#options.strict) throw new ConfigProblem(`${text} (-strict)`);
    this.warn(where, text);
  }
}

/** A place in the config that values are read from. */
export class Place {
  /** `file:line`. */
  readonly where: string;
  /** `sync 2`, `settings`. */
  readonly part: string;
  readonly #diagnostics: Diagnostics;

  constructor(where: string, options: { readonly part: string; readonly diagnostics: Diagnostics }) {
    this.where = where;
    this.part = options.part;
    this.#diagnostics = options.diagnostics;
  }

  warn(text: string): void {
    this.#diagnostics.warn(this.where, `${this.part}: ${text}`);
  }

  oldSpelling(text: string): void {
    this.#diagnostics.oldSpelling(this.where, `${this.part}: ${text}`);
  }
}
