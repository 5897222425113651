import { expect, test } from 'vitest';
import { createJsonLogger } from './json-logger.ts';

test('JSON lines with level, time, name and fields; of errors only message, code and stack', () => {
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createJsonLogger({ name: 'virtplane-server', level: 'info', stream });
  log.debug('unseen');
  const error = Object.assign(new Error('refused', { cause: new Error('socket') }), {
    code: 'ECONNREFUSED',
    secret: 'hunter2',
  });
  log.child({ controller: 'vm' }).error('failed', { key: 'a/b', error });
  expect(lines).toEqual([
    {
      level: 'error',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      name: 'virtplane-server',
      controller: 'vm',
      key: 'a/b',
      error: { message: 'refused', code: 'ECONNREFUSED', cause: 'socket', stack: expect.stringContaining('refused') },
      msg: 'failed',
    },
  ]);
});
