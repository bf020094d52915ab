import { describe, expect, it } from 'vitest';
import { Mailbox } from '../../src/watch/inotify/mailbox.ts';

describe('Mailbox', () => {
  it('gives everything once, in order, also when more comes meanwhile', () => {
    const mailbox = new Mailbox<number>();
    const taken: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      mailbox.push(i);
      if (i % 3 === 0) taken.push(mailbox.take() ?? -1);
    }
    expect(mailbox.size).toBe(10_000 - taken.length);
    while (mailbox.size > 0) taken.push(mailbox.take() ?? -1);
    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(mailbox.take()).toBeUndefined();
  });

  it('is empty once it was cleared', () => {
    const mailbox = new Mailbox<string>();
    mailbox.push('a');
    mailbox.clear();
    expect(mailbox.size).toBe(0);
    expect(mailbox.take()).toBeUndefined();
  });
});
