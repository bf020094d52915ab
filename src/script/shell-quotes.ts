// Follows a text for the shell to know how what stands at a place is quoted there (POSIX shell, section 2.2).

type Level = 'double' | 'parentheses' | 'backquotes';

/** How a place is quoted. In `single` the shell replaces nothing. */
export type Quoting = 'bare' | 'double' | 'single';

export class ShellQuotes {
  /** Outermost first. */
  readonly #levels: Level[] = [];
  #isSingle = false;
  #isComment = false;
  #isEscaped = false;
  #last = '\n';

  get quoting(): Quoting {
    if (this.#isSingle) return 'single';
    return this.#levels.at(-1) === 'double' ? 'double' : 'bare';
  }

  /** The backslash at the end of what was taken would quote what comes next. */
  get isEscaped(): boolean {
    return this.#isEscaped;
  }

  take(text: string): void {
    for (const character of text) {
      this.#take(character);
      this.#last = character;
    }
  }

  /** Something stands here that is no syntax. */
  takeWord(): void {
    this.#isEscaped = false;
    this.#last = 'x';
  }

  #take(character: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isComment) this.#isComment = character !== '\n';
    else if (this.#isSingle) this.#isSingle = character !== "'";
    else if (character === '\\') this.#isEscaped = true;
    else if (character === '"') this.#toggle('double');
    else if (character === '`') this.#toggle('backquotes');
    else if (this.#levels.at(-1) === 'double') this.#takeQuoted(character);
    else this.#takeBare(character);
  }

  #takeQuoted(character: string): void {
    if (character === '(' && this.#last === '$') this.#levels.push('parentheses');
  }

  #takeBare(character: string): void {
    if (character === "'") this.#isSingle = true;
    else if (character === '(') this.#levels.push('parentheses');
    else if (character === ')' && this.#levels.at(-1) === 'parentheses') this.#levels.pop();
    else if (character === '#' && /[\s;&|(]/.test(this.#last)) this.#isComment = true;
  }

  #toggle(level: Level): void {
    if (this.#levels.at(-1) === level) this.#levels.pop();
    else this.#levels.push(level);
  }
}
