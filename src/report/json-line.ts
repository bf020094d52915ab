// A message as a line of JSON, made by pino; it is loaded with the first one, since most logs are text.

import { createRequire } from 'node:module';
import type * as Pino from 'pino';
import type { LogCategory } from '../log.ts';

/** One message. */
export interface LogRecord {
  readonly category: LogCategory;
  readonly text: string;
  readonly at: Date;
  /** Further fields of the JSON line. */
  readonly fields: Readonly<Record<string, string>>;
}

type Level = 'error' | 'warn' | 'info' | 'debug';

const require = createRequire(import.meta.url);
let write: ((record: LogRecord) => string) | undefined;

/** With a line feed: `level`, `time` (ISO 8601, UTC), `category`, what was given besides, and `msg`. */
export function toJsonLine(record: LogRecord): string {
  write ??= createWriter();
  return write(record);
}

/** pino writes before its methods return. */
function createWriter(): (record: LogRecord) => string {
  const { pino } = require('pino') as typeof Pino;
  let at = new Date();
  let line = '';
  const logger = pino(
    {
      base: null,
      level: 'debug',
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${at.toISOString()}"`,
    },
    { write: (json) => (line = json) },
  );
  return (record) => {
    at = record.at;
    logger[levelOf(record.category)]({ category: record.category, ...record.fields }, record.text);
    return line;
  };
}

function levelOf(category: LogCategory): Level {
  switch (category) {
    case 'Error':
      return 'error';
    case 'Warn':
      return 'warn';
    case 'Normal':
      return 'info';
    default:
      return 'debug';
  }
}
