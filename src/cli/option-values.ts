// The values of the options, checked.

import { ConfigError } from '../errors.ts';
import type { CommandLineSync } from './cli-options.ts';
import { monitorNames } from './option-table.ts';

/** `-rsync SOURCE TARGET` */
export function toRsync([source = '', target = '']: readonly string[]): CommandLineSync {
  return { kind: 'rsync', source, target };
}

/** `-rsyncssh SOURCE HOST TARGETDIR` */
export function toRsyncSsh([source = '', host = '', targetdir = '']: readonly string[]): CommandLineSync {
  return { kind: 'rsyncssh', source, host, targetdir };
}

/** `-direct SOURCE TARGETDIR` */
export function toDirect([source = '', target = '']: readonly string[]): CommandLineSync {
  return { kind: 'direct', source, target };
}

/**
 * Decimal seconds, with fractions (`.5`).
 * @throws ConfigError for what is no finite number >= 0
 */
export function toDelaySeconds(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new ConfigError(`Cannot use delay "${text}": expected seconds >= 0`);
  return seconds;
}

/**
 * Adds a word of `-log`; a level (`all`, `scarce`) takes the place of the one before.
 * @throws ConfigError unless it is a level or begins with a capital A to Z
 */
export function addLogCategory(text: string, before: readonly string[]): readonly string[] {
  const category = toLogCategory(text);
  return [...(isLevel(category) ? before.filter((word) => !isLevel(word)) : before), category];
}

function isLevel(word: string): boolean {
  return word === 'all' || word === 'scarce';
}

function toLogCategory(text: string): string {
  if (!isLevel(text) && !/^[A-Z]/u.test(text)) {
    throw new ConfigError(`'${text}' is not a valid logging category`);
  }
  return text;
}

/** @throws ConfigError for a monitor that there is not */
export function toMonitorName(text: string): string {
  if (!monitorNames.includes(text)) {
    throw new ConfigError(`event monitor "${text}" unknown, expected ${monitorNames.join(' or ')}`);
  }
  return text;
}
