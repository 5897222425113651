import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';

test('keeps exactly the last bytes, whatever the pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 }), (pieces) => {
      const backlog = new Backlog(16);
      for (const piece of pieces) backlog.push(Buffer.from(piece), false);
      const all = Buffer.concat(pieces);
      expect(backlog.read('all').equals(all.subarray(Math.max(0, all.length - 16)))).toBe(true);
    }),
  );
});

test('knows what nobody has read', () => {
  const backlog = new Backlog(16);
  backlog.push(Buffer.from('boot '), false);
  expect(backlog.read('unseen').toString()).toBe('boot ');
  backlog.markSeen();
  backlog.push(Buffer.from('live '), true);
  expect(backlog.read('unseen').toString()).toBe('');
  backlog.push(Buffer.from('later'), false);
  expect(backlog.read('unseen').toString()).toBe('later');
  expect(backlog.read('all').toString()).toBe('boot live later');
  backlog.push(Buffer.alloc(100, 'x'), false);
  expect(backlog.read('unseen').toString()).toBe('x'.repeat(16));
});
