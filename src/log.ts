// What a room needs to know to log: a category and a text. The lines themselves are made in report/.

/**
 * lsyncd's category word, first letter capital. Shown by default: Normal, Warn, Error. Others (Inotify, Delay, Exec,
 * Filter, Exclude, Debug, …) only when asked for with `-log`.
 */
export type LogCategory = string;

export interface Log {
  /** `text` is one message without its final line feed; it may hold line feeds (a file list). Bytes as in BytePath are not expected: pass text. */
  (category: LogCategory, text: string): void;
  /** False when nobody would see the category: lets a hot path skip building the text. */
  isOn(category: LogCategory): boolean;
}

/** A Log that shows nothing. */
export const silentLog: Log = Object.assign(() => undefined, { isOn: () => false });
