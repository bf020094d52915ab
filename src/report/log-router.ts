// Where the lines go: to the terminal, the log file or syslog, by what the process is at the moment.

import { resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/sync-spec.ts';
import { MachineError } from '../errors.ts';
import type { LogCategory } from '../log.ts';
import type { Syslog, SyslogOptions } from '../os/syslog.ts';
import { escapeControlsOfText } from './escape-controls.ts';
import { LineSplitter } from './line-splitter.ts';
import { LogFile } from './log-file.ts';
import { selectCategories } from './log-selection.ts';
import type { LogSelection } from './log-selection.ts';
import { toJsonLine } from './json-line.ts';
import type { LogRecord } from './json-line.ts';
import { StreamSink } from './stream-sink.ts';
import { priorityOf, resolveFacility } from './syslog-codes.ts';
import { ctime, timeOfDay } from './time-stamps.ts';

/** What of the settings the log is made of. */
export type LogSettings = Pick<Settings, 'log' | 'logfile' | 'logfacility' | 'logident' | 'logformat'>;

export interface LoggerOptions {
  /** The default ident of syslog. */
  readonly programName: string;
  readonly clock: Clock;
  readonly openSyslog: (options: SyslogOptions) => Syslog;
  /** Whether a write to the descriptor would not block; waits up to `waitMs` for that, by default not at all. */
  readonly canWrite: (fd: number, waitMs?: number) => boolean;
  /** The descriptors of the terminal; default 1 and 2. */
  readonly streams?: { readonly stdout: number; readonly stderr: number };
}

const defaultSettings: LogSettings = {
  log: [],
  logfile: undefined,
  logfacility: 'user',
  logident: undefined,
  logformat: 'lsyncd',
};

type Phase = 'first' | 'foreground' | 'starting daemon' | 'daemon';

/** What is behind a Logger, which says what each method promises. */
export class LogRouter {
  readonly #options: LoggerOptions;
  readonly #startDirectory = process.cwd();
  readonly #stdout: StreamSink;
  readonly #stderr: StreamSink;
  readonly #children: Readonly<Record<'stdout' | 'stderr', LineSplitter>>;
  #phase: Phase = 'first';
  #settings = defaultSettings;
  #isShown: LogSelection = selectCategories([]);
  #facility = resolveFacility(defaultSettings.logfacility);
  #file: LogFile | undefined;
  #filePath: string | undefined;
  #syslog: Syslog | undefined;

  constructor(options: LoggerOptions) {
    this.#options = options;
    this.#stdout = new StreamSink(options.streams?.stdout ?? 1, options);
    this.#stderr = new StreamSink(options.streams?.stderr ?? 2, options);
    this.#children = {
      stdout: new LineSplitter((line) => this.#childLine('stdout', line)),
      stderr: new LineSplitter((line) => this.#childLine('stderr', line)),
    };
  }

  isOn(category: LogCategory): boolean {
    return this.#isShown(category);
  }

  log(category: LogCategory, text: string): void {
    if (this.#isShown(category)) this.#record(category, text);
  }

  configure(changes: Partial<LogSettings>): void {
    const settings = { ...this.#settings, ...changes };
    const facility = this.#resolveFacility(settings.logfacility);
    this.#isShown = selectCategories(settings.log);
    if (facility !== this.#facility || settings.logident !== this.#settings.logident) this.#closeSyslog();
    this.#facility = facility;
    this.#settings = settings;
    if (this.#phase !== 'first') this.#reopenFile();
  }

  startup(isDaemon: boolean): void {
    const path = this.#wantedPath();
    if (path !== undefined) this.#file = this.#openFile(path);
    this.#filePath = path;
    this.#phase = isDaemon ? 'starting daemon' : 'foreground';
  }

  detach(): void {
    this.#stdout.close();
    this.#stderr.close();
    this.#phase = 'daemon';
  }

  childOutput(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    if (this.#settings.logformat === 'json' && this.#phase !== 'first')
      return this.#children[stream].push(chunk);
    if (this.#phase !== 'daemon') return this.#sinkOf(stream).write(chunk);
    if (this.#file === undefined) return this.#children[stream].push(chunk);
    this.#file.append(chunk);
  }

  close(): void {
    this.#children.stdout.end();
    this.#children.stderr.end();
    this.#stdout.close();
    this.#stderr.close();
    this.#file?.close();
    this.#closeSyslog();
  }

  #record(category: LogCategory, text: string, fields: LogRecord['fields'] = {}): void {
    this.#write({ category, text, at: this.#options.clock.now(), fields });
  }

  #write(record: LogRecord): void {
    if (this.#phase === 'first')
      return this.#stderr.write(Buffer.from(`${record.category}: ${shownText(record)}\n`));
    if (this.#phase !== 'daemon') {
      const sink = record.category === 'Error' ? this.#stderr : this.#stdout;
      sink.write(this.#toLine(record, timeOfDay(record.at)));
    }
    if (this.#file !== undefined) this.#file.append(this.#toLine(record, ctime(record.at)));
    else if (this.#phase !== 'foreground') this.#toSyslog(record);
  }

  #toLine(record: LogRecord, stamp: string): Buffer {
    if (this.#settings.logformat === 'json') return Buffer.from(toJsonLine(record));
    return Buffer.from(`${stamp} ${record.category}: ${shownText(record)}\n`);
  }

  #toSyslog(record: LogRecord): void {
    const isJson = this.#settings.logformat === 'json';
    const text = isJson ? toJsonLine(record).trimEnd() : `${record.category}, ${shownText(record)}`;
    this.#openedSyslog().write(priorityOf(record.category), text);
  }

  #openedSyslog(): Syslog {
    const ident = this.#settings.logident ?? this.#options.programName;
    this.#syslog ??= this.#options.openSyslog({ ident, facility: this.#facility });
    return this.#syslog;
  }

  #closeSyslog(): void {
    this.#syslog?.close();
    this.#syslog = undefined;
  }

  #childLine(stream: 'stdout' | 'stderr', line: string): void {
    if (this.#settings.logformat === 'json') this.#record('Child', line, { stream });
    else
      this.#openedSyslog().write(
        priorityOf(stream === 'stderr' ? 'Warn' : 'Normal'),
        escapeControlsOfText(line),
      );
  }

  #sinkOf(stream: 'stdout' | 'stderr'): StreamSink {
    return stream === 'stdout' ? this.#stdout : this.#stderr;
  }

  #resolveFacility(facility: string | number): number {
    try {
      return resolveFacility(facility);
    } catch (error) {
      if (this.#phase === 'first') throw error;
      this.log('Error', (error as Error).message);
      return this.#facility;
    }
  }

  #wantedPath(): string | undefined {
    const { logfile } = this.#settings;
    return logfile === undefined ? undefined : resolve(this.#startDirectory, logfile);
  }

  #reopenFile(): void {
    const path = this.#wantedPath();
    if (path === this.#filePath) return;
    try {
      const before = this.#file;
      this.#file = path === undefined ? undefined : this.#openFile(path);
      this.#filePath = path;
      before?.close();
    } catch (error) {
      this.log('Error', `${(error as Error).message} Going on with the one before.`);
    }
  }

  #openFile(path: string): LogFile {
    const onTrouble = (reason: string) => this.#sayFileTrouble(path, reason);
    try {
      return new LogFile(path, { ...this.#options, onTrouble });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new MachineError(`Cannot open logfile [${path}]!${code === 'ENOENT' ? '' : ` (${message})`}`, {
        cause,
      });
    }
  }

  /** A log file cannot tell of its own trouble. */
  #sayFileTrouble(path: string, reason: string): void {
    const text = `Cannot write logfile [${path}]: ${reason}`;
    if (this.#phase === 'daemon') this.#openedSyslog().write(priorityOf('Error'), `Error, ${text}`);
    else this.#stderr.write(Buffer.from(`${timeOfDay(this.#options.clock.now())} Error: ${text}\n`));
  }
}

function shownText(record: LogRecord): string {
  return escapeControlsOfText(record.text);
}
