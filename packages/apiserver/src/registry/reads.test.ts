import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { emptyContents, MemoryStore } from '../store/memory.ts';
import { Harness, type LineSink } from './core-fixture.ts';

const CMS = '/api/v1/namespaces/default/configmaps';
const MERGE = 'application/merge-patch+json';
const cm = (name: string, meta = {}) => ({ metadata: { name, ...meta }, data: { a: '1' } });

async function harness(count = 0): Promise<Harness> {
  const h = new Harness();
  await h.namespace('default');
  for (let i = 0; i < count; i++)
    await h.call('POST', CMS, cm(`c${i}`, { labels: { i: String(i), par: i % 2 ? 'odd' : 'even' } }));
  return h;
}

const namesOf = (body: { items: { metadata: { name: string } }[] }) => body.items.map((i) => i.metadata.name);

describe('list', () => {
  test('pages: remaining count, one revision, the state of the first page', async () => {
    const h = await harness(8);
    const first = await h.call('GET', `${CMS}?limit=3`);
    expect(first.body.metadata.remainingItemCount).toBe(5);
    const token = first.body.metadata.continue;
    expect(JSON.parse(Buffer.from(token, 'base64url').toString())).toEqual({
      v: 'meta.k8s.io/v1',
      rv: Number(first.body.metadata.resourceVersion),
      start: 'c2\0',
    });
    await h.call('DELETE', `${CMS}/c5`);
    await h.call('POST', CMS, cm('c4a'));
    const second = await h.call('GET', `${CMS}?limit=3&continue=${token}`);
    expect(namesOf(second.body)).toEqual(['c3', 'c4', 'c5']);
    expect(second.body.metadata).toMatchObject({
      resourceVersion: first.body.metadata.resourceVersion,
      remainingItemCount: 2,
    });
    const third = await h.call('GET', `${CMS}?limit=3&continue=${second.body.metadata.continue}`);
    expect(namesOf(third.body)).toEqual(['c6', 'c7']);
    expect(third.body.metadata.continue).toBeUndefined();
    expect(namesOf((await h.call('GET', `${CMS}?resourceVersion=0&limit=2`)).body)).toHaveLength(8);
    const odd = await h.call('GET', `${CMS}?limit=2&labelSelector=par%3Dodd`);
    expect(namesOf(odd.body)).toEqual(['c1', 'c3']);
    expect(odd.body.metadata.remainingItemCount).toBeUndefined();
  });

  test.each([
    ['continue=%7Bi', 400, /^invalid continue token: continue key is not valid/],
    [
      `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":0,"start":"a"}').toString('base64url')}`,
      400,
      /incorrect encoded start resourceVersion \(version meta.k8s.io\/v1\)$/,
    ],
    [
      `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":9,"start":"../x"}').toString('base64url')}`,
      400,
      /continue key is not valid/,
    ],
    [
      `continue=${Buffer.from('{"v":"x","rv":9,"start":"x"}').toString('base64url')}`,
      400,
      /does not recognize this encoded version/,
    ],
    [
      `resourceVersion=5&continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":9,"start":"x"}').toString('base64url')}`,
      400,
      'specifying resource version is not allowed when using continue',
    ],
    [
      'resourceVersionMatch=Exact',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersionMatch=Foo&resourceVersion=1',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""',
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    ['resourceVersion=abc', 400, /parsing "abc": invalid syntax/],
    ['limit=abc', 400, /parsing "abc": invalid syntax/],
    [
      'limit=1&resourceVersion=999999&resourceVersionMatch=NotOlderThan',
      504,
      /^Timeout: Too large resource version: 999999, current: \d+$/,
    ],
    ['watch=1&resourceVersion=abc', 400, /invalid syntax/],
    ['watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1', 422, /resourceVersionMatch is forbidden for watch/],
  ])('%s is refused', async (query, code, message) => {
    const h = await harness(1);
    const { body } = await h.call('GET', `${CMS}?${query}`);
    expect(body.code).toBe(code);
    expect(body.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('exactly, and too old', async () => {
    const h = await harness(3);
    const rv = Number((await h.call('GET', CMS)).body.metadata.resourceVersion);
    await h.call('DELETE', `${CMS}/c1`);
    expect(namesOf((await h.call('GET', `${CMS}?resourceVersion=${rv}&resourceVersionMatch=Exact`)).body)).toEqual([
      'c0',
      'c1',
      'c2',
    ]);
    h.clock.offsetMs += 80_000;
    for (let i = 0; i < 240; i++) await h.call('PATCH', `${CMS}/c0`, { data: { a: String(i) } }, MERGE);
    // Another revision than the one above: that state is still kept for its next reader.
    expect((await h.call('GET', `${CMS}?resourceVersion=${rv - 1}&resourceVersionMatch=Exact`)).body).toMatchObject({
      code: 410,
      message: 'The resourceVersion for the provided list is too old.',
    });
    const stale = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: rv - 1, start: 'c0\0' })).toString('base64url');
    const gone = await h.call('GET', `${CMS}?limit=1&continue=${stale}`);
    expect(gone.body).toMatchObject({ code: 410, reason: 'Expired', metadata: { continue: expect.any(String) } });
    const on = await h.call('GET', `${CMS}?limit=1&continue=${gone.body.metadata.continue}`);
    expect(namesOf(on.body)).toEqual(['c2']);
  });

  test('a revision of the future is waited for', async () => {
    const h = await harness(1);
    const rv = Number((await h.call('GET', CMS)).body.metadata.resourceVersion);
    const waiting = h.call('GET', `${CMS}?resourceVersion=${rv + 1}`);
    await h.call('POST', CMS, cm('later'));
    expect(namesOf((await waiting).body)).toEqual(['c0', 'later']);
  });

  test('by name and across namespaces', async () => {
    const h = await harness(3);
    await h.namespace('other');
    await h.call('POST', '/api/v1/namespaces/other/configmaps', cm('c1'));
    expect(namesOf((await h.call('GET', `${CMS}?fieldSelector=metadata.name%3Dc1&limit=1`)).body)).toEqual(['c1']);
    const everywhere = await h.call('GET', '/api/v1/configmaps?fieldSelector=metadata.name%3Dc1');
    expect(everywhere.body.items).toHaveLength(2);
    expect(
      (await h.call('GET', '/api/v1/configmaps?fieldSelector=metadata.namespace%3Dother')).body.items,
    ).toHaveLength(1);
  });

  test('pages concatenated are the list, whatever is written between them', async () => {
    const h = await harness(23);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.boolean(), async (limit, selected) => {
        const selector = selected ? '&labelSelector=par%3Deven' : '';
        const whole = await h.call('GET', `${CMS}?x=1${selector}`);
        const names: string[] = [];
        let token = '';
        do {
          const page = await h.call('GET', `${CMS}?limit=${limit}${selector}${token && `&continue=${token}`}`);
          expect(page.body.items.length).toBeLessThanOrEqual(limit);
          if (token !== '' || page.body.metadata.resourceVersion === whole.body.metadata.resourceVersion) {
            expect(page.body.metadata.resourceVersion).toBe(whole.body.metadata.resourceVersion);
          }
          names.push(...namesOf(page.body));
          token = page.body.metadata.continue ?? '';
          await h.call('POST', CMS, { metadata: { generateName: 'c1-', labels: { par: 'even' } } });
          await h.call('DELETE', `${CMS}/${names[names.length - 1]}`);
          await h.call('POST', CMS, cm(names[names.length - 1] ?? '', { labels: { par: 'even' } }));
        } while (token !== '');
        expect(names).toEqual(namesOf(whole.body));
      }),
      { numRuns: 20 },
    );
  });
});

describe('watch', () => {
  const settle = (sink: LineSink, count: number) =>
    vi.waitFor(() => expect(sink.lines.length).toBeGreaterThanOrEqual(count));
  const seen = (sink: LineSink) => sink.lines.map((l) => `${l.type} ${l.object.metadata?.name}`);

  test('state first, then what happens; selectors make entering and leaving', async () => {
    const h = await harness(2);
    const { sink } = await h.watch(`${CMS}?watch=1&labelSelector=par%3Deven`);
    await settle(sink, 1);
    await h.call('PATCH', `${CMS}/c1`, { metadata: { labels: { par: 'even' } } }, MERGE);
    await h.call('PATCH', `${CMS}/c0`, { data: { a: '2' } }, MERGE);
    const left = await h.call('PATCH', `${CMS}/c0`, { metadata: { labels: { par: 'odd' } } }, MERGE);
    await h.call('PATCH', `${CMS}/c0`, { data: { a: '3' } }, MERGE);
    await h.call('DELETE', `${CMS}/c1`);
    await settle(sink, 5);
    expect(seen(sink)).toEqual(['ADDED c0', 'ADDED c1', 'MODIFIED c0', 'DELETED c0', 'DELETED c1']);
    // Old content, new revision.
    expect(sink.lines[3]!.object).toMatchObject({
      metadata: { labels: { par: 'even' }, resourceVersion: left.body.metadata.resourceVersion },
    });
  });

  test('from a revision, of one object, in another version and form', async () => {
    const h = await harness(2);
    const rv = (await h.call('GET', CMS)).body.metadata.resourceVersion;
    await h.call('PATCH', `${CMS}/c0`, { data: { a: '2' } }, MERGE);
    await h.call('PATCH', `${CMS}/c1`, { data: { a: '2' } }, MERGE);
    const { sink } = await h.watch(`${CMS}?watch=1&resourceVersion=${rv}&fieldSelector=metadata.name%3Dc1`, {
      format: 'json',
      as: 'PartialObjectMetadata',
      asVersion: 'v1',
    });
    await settle(sink, 1);
    expect(sink.lines[0]).toMatchObject({
      type: 'MODIFIED',
      object: { kind: 'PartialObjectMetadata', metadata: { name: 'c1' } },
    });
    expect(sink.lines).toHaveLength(1);
  });

  test('too old: one ERROR event, then the end', async () => {
    const h = await harness(1);
    const { sink } = await h.watch(`${CMS}?watch=1&resourceVersion=1`);
    expect(sink.ended).toBe(false);
    h.clock.offsetMs += 80_000;
    for (let i = 0; i < 250; i++) await h.call('PATCH', `${CMS}/c0`, { data: { a: String(i) } }, MERGE);
    const late = await h.watch(`${CMS}?watch=1&resourceVersion=1`);
    expect(late.sink.lines[0]).toMatchObject({
      type: 'ERROR',
      object: {
        kind: 'Status',
        code: 410,
        reason: 'Expired',
        message: expect.stringMatching(/^too old resource version: 1 \(\d+\)$/),
      },
    });
    expect(late.sink.ended).toBe(true);
  });

  test('a revision of the future: silent until it is passed', async () => {
    const h = await harness(1);
    const rv = Number((await h.call('GET', CMS)).body.metadata.resourceVersion);
    const { sink } = await h.watch(`${CMS}?watch=1&resourceVersion=${rv + 1}`);
    await h.call('PATCH', `${CMS}/c0`, { data: { a: '2' } }, MERGE);
    await h.call('PATCH', `${CMS}/c0`, { data: { a: '3' } }, MERGE);
    await settle(sink, 1);
    expect(sink.lines).toHaveLength(1);
  });

  test('initial events and their end', async () => {
    const h = await harness(2);
    const { sink } = await h.watch(
      `${CMS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    );
    await settle(sink, 3);
    expect(sink.lines[2]).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    expect((await h.call('GET', `${CMS}?watch=1&sendInitialEvents=true`)).code).toBe(422);
  });

  test('ends at its time, with a bookmark before', async () => {
    const h = await harness(1);
    const { sink } = await h.watch(`${CMS}?watch=1&allowWatchBookmarks=true&timeoutSeconds=60`);
    h.clock.offsetMs += 58_500;
    await vi.waitFor(() => expect(sink.lines.at(-1)?.type).toBe('BOOKMARK'), { timeout: 3000 });
    h.clock.offsetMs += 2_000;
    await vi.waitFor(() => expect(sink.ended).toBe(true), { timeout: 3000 });
  });

  test('a peer that takes nothing is ended, and is never skipped before', async () => {
    const h = await harness(1);
    const { sink } = await h.watch(`${CMS}?watch=1`);
    sink.queuedBytes = 2 << 20;
    for (let i = 0; i < 20; i++) await h.call('PATCH', `${CMS}/c0`, { data: { a: String(i) } }, MERGE);
    expect(sink.lines).toHaveLength(1);
    sink.queuedBytes = 0;
    await settle(sink, 21);
    expect(sink.lines.map((l) => (l.object.data as { a: string }).a)).toEqual([
      '1',
      ...Array.from({ length: 20 }, (_, i) => String(i)),
    ]);
    sink.queuedBytes = 2 << 20;
    await h.call('PATCH', `${CMS}/c0`, { data: { a: 'x' } }, MERGE);
    await new Promise((resolve) => setTimeout(resolve, 20));
    h.clock.offsetMs += 6_000;
    await vi.waitFor(() => expect(sink.ended).toBe(true), { timeout: 3000 });
  });

  test('list and watch from it give the state', async () => {
    const h = await harness(3);
    const list = await h.call('GET', `${CMS}?labelSelector=par%3Deven`);
    const state = new Map<string, unknown>(
      list.body.items.map((i: { metadata: { name: string } }) => [i.metadata.name, i.metadata]),
    );
    const { sink } = await h.watch(
      `${CMS}?watch=1&labelSelector=par%3Deven&resourceVersion=${list.body.metadata.resourceVersion}`,
    );
    const write = fc.record({
      name: fc.integer({ min: 0, max: 6 }),
      par: fc.constantFrom('even', 'odd'),
      remove: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 30 }), async (writes) => {
        await Promise.all(
          writes.map(async ({ name, par, remove }, i) => {
            if (remove) return h.call('DELETE', `${CMS}/c${name}`);
            const made = await h.call('POST', CMS, cm(`c${name}`, { labels: { par } }));
            return made.code === 409
              ? h.call('PATCH', `${CMS}/c${name}`, { metadata: { labels: { par } }, data: { i: String(i) } }, MERGE)
              : made;
          }),
        );
      }),
      { numRuns: 40 },
    );
    const now = await h.call('GET', `${CMS}?labelSelector=par%3Deven`);
    let last = 0;
    for (const { type, object } of sink.lines) {
      const revision = Number(object.metadata?.resourceVersion);
      expect(revision).toBeGreaterThan(last);
      last = revision;
      const name = object.metadata?.name ?? '';
      expect(state.has(name)).toBe(type !== 'ADDED');
      if (type === 'DELETED') state.delete(name);
      else state.set(name, object.metadata);
    }
    const expected = now.body.items.map((i: { metadata: { name: string } }) => [i.metadata.name, i.metadata]);
    expect(state).toEqual(new Map(expected));
  });
});

test('a store loaded again is the same state, and revisions go on', async () => {
  const contents = emptyContents();
  const first = new Harness({ store: new MemoryStore(contents) });
  await first.namespace('default');
  await Promise.all(Array.from({ length: 100 }, (_, i) => first.call('POST', CMS, cm(`c${i}`))));
  await Promise.all(Array.from({ length: 50 }, (_, i) => first.call('DELETE', `${CMS}/c${i}`)));
  const before = await first.call('GET', CMS);
  await first.core.close();
  const second = new Harness({ store: new MemoryStore(contents) });
  const after = await second.call('GET', CMS);
  expect(after.body).toEqual(before.body);
  const next = await second.call('POST', CMS, cm('new'));
  expect(Number(next.body.metadata.resourceVersion)).toBe(Number(before.body.metadata.resourceVersion) + 1);
  const { sink } = await second.watch(`${CMS}?watch=1&resourceVersion=${before.body.metadata.resourceVersion}`);
  expect(sink.lines.map((l) => l.object.metadata?.name)).toEqual(['new']);
});

test('transport in this process: shared objects, refusals, watches', async () => {
  const h = await harness(1);
  const transport = h.core.transportFor({ username: 'system:test', groups: [] });
  const body = cm('mine');
  const made = (await transport.request({ method: 'POST', path: CMS, body })) as { metadata: { uid: string } };
  expect(body).toEqual(cm('mine'));
  expect(await transport.request({ method: 'GET', path: `${CMS}/mine` })).toBe(
    h.core.source('', 'configmaps').get('default', 'mine'),
  );
  await expect(transport.request({ method: 'GET', path: `${CMS}/nope` })).rejects.toMatchObject({ code: 404 });
  const abort = new AbortController();
  const events: string[] = [];
  const done = (async () => {
    for await (const { type, object } of transport.watch({ method: 'GET', path: CMS, signal: abort.signal })) {
      events.push(`${type} ${object.metadata?.name}`);
      if (events.length === 2) await transport.request({ method: 'DELETE', path: `${CMS}/mine` });
      if (events.length === 3) abort.abort();
    }
  })();
  await done;
  expect(events).toEqual(['ADDED c0', 'ADDED mine', 'DELETED mine']);
  expect(made.metadata.uid).toBeDefined();
  await expect(
    transport.watch({ method: 'GET', path: '/api/v1/nopes' })[Symbol.asyncIterator]().next(),
  ).rejects.toMatchObject({ code: 404 });
});

test('a failed commit refuses everything that stood on it', async () => {
  const store = new MemoryStore();
  const h = new Harness({ store });
  await h.namespace('default');
  const commit = store.commit.bind(store);
  const { StoreError } = await import('../store/store.ts');
  store.commit = () => Promise.reject(new StoreError('full', 'no space'));
  const replies = await Promise.all([h.call('POST', CMS, cm('a')), h.call('POST', CMS, cm('b'))]);
  expect(replies.map((r) => r.code)).toEqual([507, 507]);
  store.commit = commit;
  expect((await h.call('POST', CMS, cm('a'))).code).toBe(201);
  expect(namesOf((await h.call('GET', CMS)).body)).toEqual(['a']);
});
