import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FlagSpec, parseFlags, UsageError } from './flags.ts';

const specs: Record<string, FlagSpec> = {
  namespace: { type: 'string', short: 'n', description: '' },
  force: { type: 'boolean', description: '', default: false },
  'grace-period': { type: 'integer', description: '', default: -1 },
  label: { type: 'strings', short: 'l', description: '' },
};

test.each([
  { argv: ['vm1', '--force'], args: ['vm1'], flags: { force: true, 'grace-period': -1 } },
  { argv: ['--force=false', 'vm1'], args: ['vm1'], flags: { force: false, 'grace-period': -1 } },
  { argv: ['vm1', '--grace-period', '0'], args: ['vm1'], flags: { force: false, 'grace-period': 0 } },
  { argv: ['vm1', '--grace-period=0'], args: ['vm1'], flags: { force: false, 'grace-period': 0 } },
  { argv: ['-n', 'a', 'vm1'], args: ['vm1'], flags: { namespace: 'a', force: false, 'grace-period': -1 } },
  { argv: ['-na', 'vm1'], args: ['vm1'], flags: { namespace: 'a', force: false, 'grace-period': -1 } },
  { argv: ['--', '--force'], args: ['--force'], flags: { force: false, 'grace-period': -1 } },
  { argv: ['-l', 'a', '--label=b'], args: [], flags: { label: ['a', 'b'], force: false, 'grace-period': -1 } },
])('$argv', ({ argv, args, flags }) => {
  const parsed = parseFlags(argv, specs);
  expect(parsed.args).toEqual(args);
  expect(parsed.flags).toEqual(flags);
});

test.each([
  [['--nope'], 'unknown flag: --nope'],
  [['--namespace'], 'flag needs an argument: --namespace'],
  [['--grace-period=x'], 'invalid argument "x" for "--grace-period" flag: not a whole number'],
  [['--force=maybe'], 'invalid argument "maybe" for "--force" flag: neither true nor false'],
])('%j is refused', (argv, message) => {
  expect(() => parseFlags(argv, specs)).toThrow(new UsageError(message));
});

test('arguments come out in order, whatever flags stand between them', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }).filter((s) => !s.startsWith('-'))), (words) => {
      const argv = words.flatMap((w, i) => (i % 2 ? [w, '--force'] : [w]));
      expect(parseFlags(argv, specs).args).toEqual(words);
    }),
  );
});
