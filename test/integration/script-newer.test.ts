// What lsyncd 2.3 gave to scripts, and 2.2.3, which is beside tsyncd in the other tests of scripts, does not have.

import { describe, expect, it, vi } from 'vitest';
import { makeWorkplace, TSYNCD } from '../helpers/daemon.ts';
import { runCase } from './script-oracle/run-case.ts';
import type { Outcome } from './script-oracle/script-case.ts';

interface Newer extends Partial<Outcome> {
  readonly name: string;
  /** Keys of the table of a sync; what stands before it is `start`. */
  readonly keys: string;
  readonly start?: string;
  readonly before?: string;
  readonly steps: readonly string[];
  readonly until?: RegExp;
}

/** Two changes may be due one after the other. */
const UNLESS_TWO = 'if list.size() < 2 then return end';

const LIST = 'Normal: Finished a list after exitcode: 0';

const CASES: readonly Newer[] = [
  {
    name: 'list.size() counts the events',
    keys: `action = function(inlet) local list = inlet.getEvents() ${UNLESS_TWO} spawn(list, R, list.size()) end`,
    before: 'mkdir a b',
    steps: ['chmod 700 a b'],
    stdout: [LIST],
    children: ['2'],
  },
  {
    name: 'list.getSourcePaths() gives the paths at the source',
    keys: `action = function(inlet) local list = inlet.getEvents() ${UNLESS_TWO} spawn(list, R, list.getSourcePaths()) end`,
    before: 'mkdir d; touch f',
    steps: ['chmod 700 d; chmod 600 f'],
    stdout: [LIST],
    children: ['W/src/d/ W/src/f'],
  },
  {
    name: 'list.getSourcePaths(mutator) gives what the function makes of them',
    keys: `action = function(inlet) local list = inlet.getEvents(); spawn(list, R, list.getSourcePaths(function(etype, path) return etype, path .. '!' end)) end`,
    before: 'touch f',
    steps: ['chmod 600 f'],
    stdout: [LIST],
    children: [String.raw`Attrib W/src/f\!`],
  },
  {
    name: 'list.getList() gives one or two paths for each event',
    keys: `onMove = true, action = function(inlet) local list = inlet.getEvents() ${UNLESS_TWO}
      local words = {}; for _, paths in ipairs(list.getList()) do table.insert(words, table.concat(paths, '>')) end; spawn(list, R, words) end`,
    before: 'touch f m',
    steps: ['chmod 600 f; mv m n'],
    stdout: [LIST],
    children: [String.raw`/f /m\>/n`],
  },
  {
    name: 'inlet.getSync() can be asked like an inlet',
    keys: `onCreate = function(event) spawn(event, R, event.inlet.getSync().getConfig().source) end`,
    steps: ['mkdir d'],
    stdout: ['Normal: Finished Create on W/src//d/ = 0'],
    children: ['W/src/'],
  },
  {
    name: 'inlet.getSubstitutionData(event) has what the variables of a text stand for',
    keys: `onCreate = function(event) local data = event.inlet.getSubstitutionData(event); spawn(event, R, data.source, data.pathname, data.targetPath) end`,
    steps: ['mkdir d'],
    stdout: ['Normal: Finished Create on W/src//d/ = 0'],
    children: ['W/src/ d W/trg/d/'],
  },
  {
    name: 'inlet.createFullEvent() has the function full run',
    keys: `full = function(event) spawn(event, R, event.etype, event.source) end, onCreate = function(event) event.inlet.createFullEvent() end`,
    steps: ['mkdir d'],
    stdout: ['Normal: Finished Full on W/src/ = 0'],
    children: ['Full W/src/'],
  },
  {
    name: 'onFull as a text is run for a Full event',
    keys: `onFull = '{R} full ^source', onCreate = function(event) event.inlet.createFullEvent() end`,
    steps: ['mkdir d'],
    stdout: ['Normal: Event Full spawns action "R full ^source"', 'Normal: Finished Full on W/src/ = 0'],
    children: ['full W/src/'],
  },
  {
    name: 'init that answers nothing is asked once a second',
    start: 'times = 0',
    keys: `init = function(event) times = times + 1; if times < 4 then log('Normal', 'asked ', times) end end`,
    steps: ['true'],
    until: /asked 3/,
    stdout: ['Normal: asked 1', 'Normal: asked 2', 'Normal: asked 3'],
    children: [],
  },
  {
    name: 'inlet.getEvent(test) gives the first event that passes',
    // On a busy machine d is due after f: until then nothing passes, and f waits.
    start: 'local passed = false',
    keys: `maxProcesses = 1, action = function(inlet)
      local event = inlet.getEvent(function(event) return event.isdir end) or passed and inlet.getEvent()
      if event then passed = true spawn(event, R, event.path) end
    end`,
    before: 'mkdir d; touch f',
    steps: ['chmod 600 f; chmod 700 d'],
    until: /f = 0/,
    stdout: ['Normal: Finished Attrib on W/src//d/ = 0', 'Normal: Finished Attrib on W/src//f = 0'],
    children: ['d/', 'f'],
  },
];

/** They wait more than they work. */
vi.setConfig({ maxConcurrency: CASES.length });

describe('a script of lsyncd 2.3', () => {
  it.concurrent.each(CASES)('$name', async ({ keys, start = '', stdout = [], ...rest }) => {
    const place = makeWorkplace();
    const config = `${start}\nsync { { delay = 0.4,\n${keys}\n}, source = SRC, target = TRG }`;
    const { outcome } = await runCase({ ...rest, config }, { place, name: 'tsyncd', program: TSYNCD });
    const ends = ['Normal: --- Startup ---', 'Normal: --- TERM signal, fading ---'];
    expect(outcome).toEqual({
      stdout: [ends[0], ...stdout, ends[1]],
      stderr: [],
      children: rest.children,
      exitCode: 143,
    });
    place.end(false);
  });
});
