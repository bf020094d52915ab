import { describe, expect, it } from 'vitest';
import { fromText } from '../../src/byte-path.ts';
import type { Delay } from '../../src/queue/delay.ts';
import { renderStatus } from '../../src/report/render-status.ts';
import type { StatusState, SyncStatus } from '../../src/report/render-status.ts';

const now = new Date(2026, 10, 20, 16, 1, 12);

function delay(line: Pick<Delay, 'status' | 'kind' | 'path'> & Partial<Delay>): Delay {
  return { dueMs: 0, whole: false, ...line };
}

function sync(status: Partial<SyncStatus>): SyncStatus {
  const delays = [...(status.delays ?? [])];
  return {
    name: 'Sync1',
    source: '/w/src/',
    filters: [],
    excludes: [],
    problems: [],
    notes: [],
    ...status,
    delays,
    delayCount: delays.length,
  };
}

function render(state: Partial<StatusState>): string {
  return renderStatus({ syncs: [], watching: [], watchCount: 0, ...state }, now);
}

describe('renderStatus()', () => {
  it('lists ten thousand delays of a sync, and counts the others', () => {
    const delays = Array.from({ length: 10_002 }, (_, index) =>
      delay({ status: 'wait', kind: 'Create', path: `/${index}` }),
    );
    const lines = render({ syncs: [sync({ delays })] }).split('\n');
    expect(lines).toContain('There are 10002 delays');
    expect(lines.filter((line) => line.startsWith('wait'))).toHaveLength(10_000);
    expect(lines).toContain('and 2 more');
  });

  it('has notes of the watches behind all that lsyncd writes of a sync', () => {
    const notes = ['Lost events: 2 overflows', 'Not watched: 3 directories (EACCES)'];
    expect(render({ syncs: [sync({ notes })] })).toContain(
      'Filtering:\n  nothing.\nLost events: 2 overflows\nNot watched: 3 directories (EACCES)\n\n',
    );
  });

  it('writes what lsyncd writes', () => {
    const text = render({
      syncs: [
        sync({
          filters: ['+ /keep.o', '- *.tmp'],
          delays: [
            delay({ status: 'active', kind: 'Create', path: '/new.txt' }),
            delay({ status: 'wait', kind: 'Delete', path: '/b.txt' }),
            delay({ status: 'block', kind: 'Create', path: '/dir/f' }),
            delay({ status: 'wait', kind: 'Attrib', path: '/dir/' }),
          ],
        }),
        sync({
          name: 'Sync2',
          source: '/w/src2/',
          delays: [delay({ status: 'wait', kind: 'Move', path: '/one', movedTo: '/two' })],
        }),
      ],
      watching: [
        [1, '/w/src/'],
        [3, '/w/src/sub/'],
      ],
      watchCount: 2,
    });
    expect(text).toBe(`Lsyncd status report at Fri Nov 20 16:01:12 2026

Sync1 source=/w/src/
There are 4 delays
active Create /new.txt
wait   Delete /b.txt
block  Create /dir/f
wait   Attrib /dir/
Filtering:
+ /keep.o
- *.tmp


Sync2 source=/w/src2/
There are 1 delays
wait   Move /one -> /two
Filtering:
  nothing.


Inotify watching 2 directories
  1: /w/src/
  3: /w/src/sub/
`);
  });

  it('lists excludes and problems behind the filters, when there are any', () => {
    const text = render({
      syncs: [sync({ excludes: ['*.o', '/skip'], problems: ['/a: could not\nbe sent'] })],
    });
    expect(text).toContain(
      'Filtering:\n  nothing.\nExcluding:\n*.o\n/skip\nProblems:\n  /a: could not\\nbe sent\n\n\nInotify watching 0 directories\n',
    );
  });

  it('keeps every delay on one line, whatever the name is', () => {
    const paths = ['/a\nSync9 source=/', '/\u001B[2J', '/t\tb\r', '/\u007F\u0000'];
    const text = render({
      syncs: [sync({ delays: paths.map((path) => delay({ status: 'wait', kind: 'Create', path })) })],
    });
    expect(text.split('\n').slice(4, 8)).toEqual([
      'wait   Create /a\\nSync9 source=/',
      'wait   Create /\\x1b[2J',
      'wait   Create /t\\tb\\r',
      'wait   Create /\\x7f\\x00',
    ]);
  });

  it('gives the bytes of names as they are, and text as UTF-8', () => {
    const text = render({
      syncs: [sync({ name: 'Süd', source: fromText('/ä/'), excludes: ['\u00FF\u00FE'], problems: ['– no'] })],
    });
    expect(Buffer.from(text, 'latin1').includes(Buffer.from('Süd source=/ä/\n'))).toBe(true);
    expect(Buffer.from(text, 'latin1').includes(Buffer.from('  – no\n'))).toBe(true);
    expect(Buffer.from(text, 'latin1').includes(Buffer.from([0xff, 0xfe, 0x0a]))).toBe(true);
  });

  it('pads a day of one digit with a space, as ctime(3)', () => {
    const text = renderStatus({ syncs: [], watching: [], watchCount: 0 }, new Date(2026, 0, 6, 3, 4, 5));
    expect(text).toMatch(/^Lsyncd status report at Tue Jan {2}6 03:04:05 2026\n/u);
  });
});
