import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedClientInit } from './rfb-client-init.ts';

const handshakes = [
  { name: 'RFB 3.8', sent: 'RFB 003.008\n\x01\x00rest\x00', passed: 'RFB 003.008\n\x01\x01rest\x00' },
  { name: 'RFB 3.3', sent: 'RFB 003.003\n\x00rest\x00', passed: 'RFB 003.003\n\x01rest\x00' },
  { name: 'already shared', sent: 'RFB 003.008\n\x01\x01rest', passed: 'RFB 003.008\n\x01\x01rest' },
];

test.each(handshakes)('$name, cut anywhere', ({ sent, passed }) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: sent.length }), { maxLength: 6 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), sent.length];
      const init = new SharedClientInit();
      const out = at
        .slice(1)
        .map((end, i) => init.pass(Buffer.from(sent.slice(at[i], end), 'latin1')).toString('latin1'));
      expect(out.join('')).toBe(passed);
    }),
  );
});
