// pino makes the records; a destination of our own, called synchronously, hands each to the logger both as JSON and in its parts.

import { pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { LogCategory } from '../log.ts';

/** One message. */
export interface LogRecord {
  readonly category: LogCategory;
  readonly text: string;
  readonly at: Date;
  /** The record as one line of JSON with a line feed: `level`, `time` (ISO 8601, UTC), `category`, `msg`, and what was given besides. */
  readonly json: string;
}

/** Further fields of the JSON line. */
type RecordFields = Readonly<Record<string, string>>;

/** Makes a record and hands it on, before it returns. */
export type RecordWriter = (category: LogCategory, text: string, fields?: RecordFields) => void;

type Level = 'error' | 'warn' | 'info' | 'debug';

export function createRecordWriter(clock: Clock, onRecord: (record: LogRecord) => void): RecordWriter {
  let at = clock.now();
  const destination = {
    // Asks pino to set lastObj and lastMsg before each write.
    [pino.symbols.needsMetadataGsym]: true,
    lastObj: { category: '' },
    lastMsg: '',
    write(json: string): void {
      onRecord({ category: this.lastObj.category, text: this.lastMsg, at, json });
    },
  };
  const logger = pino(
    {
      base: null,
      level: 'debug',
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => {
        at = clock.now();
        return `,"time":"${at.toISOString()}"`;
      },
    },
    destination,
  );
  return (category, text, fields) => logger[levelOf(category)]({ category, ...fields }, text);
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
