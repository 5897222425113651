// A process of its own that puts one load after another on a server: a job comes in as a message, its result goes back.
import { createClient } from './client.mjs';
import { configMap, configMaps, virtualMachine, virtualMachines } from './objects.mjs';

const kinds = {
  vm: { path: virtualMachines, make: virtualMachine },
  configmap: { path: configMaps, make: configMap },
};

/** One clock for every process of the machine, milliseconds. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

/** @type {import('./credentials.mjs').Credentials} */
let credentials;
/** @type {Map<string, import('./client.mjs').ApiClient>} */
const clients = new Map();

function clientFor({ protocol = 'h1', clients: count }) {
  // HTTP/2 as kubectl's library uses it: few connections with many streams.
  const connections = protocol === 'h1' ? count : Math.min(count, 4);
  const key = `${protocol} ${connections}`;
  let client = clients.get(key);
  if (!client) {
    client = createClient(credentials, { protocol, connections });
    clients.set(key, client);
  }
  return client;
}

/** `count` operations by `parallel` clients, each sending its next one when the last is answered. */
async function closedLoop(count, parallel, operation) {
  const latenciesMs = new Float64Array(count);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) {
      const startedAt = performance.now();
      await operation(i);
      latenciesMs[i] = performance.now() - startedAt;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: parallel }, worker));
  return { seconds: (performance.now() - startedAt) / 1000, latenciesMs: [...latenciesMs] };
}

async function expect(status, what, answering) {
  const answer = await answering;
  if (answer.status !== status) {
    throw new Error(`${what} was answered with ${answer.status}: ${answer.body?.toString('utf8').slice(0, 500) ?? ''}`);
  }
  return answer;
}

const jobs = {
  async namespace({ name }) {
    const client = clientFor({ clients: 1 });
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    const { status, body: text } = await client.request(
      'POST',
      '/api/v1/namespaces',
      Buffer.from(JSON.stringify(body)),
    );
    if (status !== 201 && status !== 409) throw new Error(`namespace ${name}: ${status} ${text}`);
    return {};
  },

  /** Objects `<prefix><first>` … */
  create({ kind, namespace, prefix, first = 0, count, bytes, ...how }) {
    const client = clientFor(how);
    const { path, make } = kinds[kind];
    return closedLoop(count, how.clients, (i) => {
      const body = Buffer.from(JSON.stringify(make(`${prefix}${first + i}`, bytes)));
      return expect(201, `create ${kind}`, client.request('POST', path(namespace), body));
    });
  },

  /** Objects of `<prefix>0 … <of - 1>` in an order without a pattern. */
  get({ kind, namespace, prefix, of, count, ...how }) {
    const client = clientFor(how);
    return closedLoop(count, how.clients, (i) => {
      const path = `${kinds[kind].path(namespace)}/${prefix}${(i * 7919) % of}`;
      return expect(200, `get ${kind}`, client.request('GET', path));
    });
  },

  annotate({ kind, namespace, prefix, of, count, ...how }) {
    const client = clientFor(how);
    return closedLoop(count, how.clients, (i) => {
      const body = Buffer.from(JSON.stringify({ metadata: { annotations: { measured: `${i}-${Date.now()}` } } }));
      const path = `${kinds[kind].path(namespace)}/${prefix}${(i * 7919) % of}`;
      const options = { contentType: 'application/merge-patch+json' };
      return expect(200, `patch ${kind}`, client.request('PATCH', path, body, options));
    });
  },

  async list({ kind, namespace, expected }) {
    const client = clientFor({ clients: 1 });
    const startedAt = performance.now();
    const { body, bytes } = await expect(200, `list ${kind}`, client.request('GET', kinds[kind].path(namespace)));
    const seconds = (performance.now() - startedAt) / 1000;
    const items = JSON.parse(body.toString('utf8')).items.length;
    if (items !== expected) throw new Error(`the list has ${items} items, ${expected} were made`);
    return { seconds, bytes };
  },

  /** Watchers of one namespace and a writer that keeps its pace whatever the answers do. */
  async watch({ namespace, watchers, perSecond, seconds, bytes, protocol }) {
    const total = perSecond * seconds;
    const writer = createClient(credentials, { protocol: 'h1', connections: 8 });
    const reader = createClient(credentials, { protocol, connections: protocol === 'h1' ? watchers : 1 });
    const path = configMaps(namespace);
    const { metadata } = await writer.json('GET', `${path}?limit=1`);

    const sentAt = new Float64Array(total);
    const answeredAt = new Float64Array(total);
    const arrivals = new Uint16Array(total);
    const arrivedAt = new Float64Array(total * watchers);
    const numbers = new Uint32Array(total * watchers);
    let received = 0;
    let lost = 0;
    const marker = Buffer.from('"name":"w-');
    const stops = Array.from({ length: watchers }, () => {
      let rest;
      const onData = (chunk) => {
        const at = now();
        const data = rest ? Buffer.concat([rest, chunk]) : chunk;
        let from = 0;
        for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, from)) {
          const found = data.indexOf(marker, from);
          if (found >= 0 && found < end) {
            let number = 0;
            for (let i = found + marker.length; data[i] >= 48 && data[i] <= 57; i++)
              number = number * 10 + data[i] - 48;
            numbers[received] = number;
            arrivedAt[received++] = at;
            arrivals[number]++;
          }
          from = end + 1;
        }
        rest = from < data.length ? data.subarray(from) : undefined;
      };
      const query = `watch=1&resourceVersion=${metadata.resourceVersion}`;
      return reader.stream(`${path}?${query}`, onData, () => {
        lost++;
      });
    });
    // Every watcher must be there before the first write that is measured: one write that all of them see.
    const firstWrite = Buffer.from(JSON.stringify(configMap('w-0', bytes)));
    await expect(201, 'create configmap', writer.request('POST', path, firstWrite));
    await waitFor(() => arrivals[0] === watchers, 20_000);
    const beforeAll = received;

    const answers = [];
    const startedAt = now();
    for (let i = 1; i < total; i++) {
      const waitMs = startedAt + (i * 1000) / perSecond - now();
      if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const body = Buffer.from(JSON.stringify(configMap(`w-${i}`, bytes)));
      sentAt[i] = now();
      const answer = expect(201, 'create configmap', writer.request('POST', path, body));
      answers.push(
        answer.then(() => {
          answeredAt[i] = now();
        }),
      );
    }
    await Promise.all(answers);
    const writeSeconds = (now() - startedAt) / 1000;
    await waitFor(() => received >= total * watchers, 20_000);
    const fromAnswer = [];
    const fromSending = [];
    for (let i = beforeAll; i < received; i++) {
      fromAnswer.push(arrivedAt[i] - answeredAt[numbers[i]]);
      fromSending.push(arrivedAt[i] - sentAt[numbers[i]]);
    }
    const endedEarly = lost;
    for (const stop of stops) stop();
    reader.close();
    writer.close();
    const p = (values, fraction) => Float64Array.from(values).sort()[Math.floor(values.length * fraction)];
    return {
      writes: total - 1,
      perSecond: (total - 1) / writeSeconds,
      events: received - beforeAll,
      missing: total * watchers - received,
      endedEarly,
      fromAnswerMs: { p50: p(fromAnswer, 0.5), p99: p(fromAnswer, 0.99) },
      fromSendingMs: { p50: p(fromSending, 0.5), p99: p(fromSending, 0.99) },
    };
  },
};

async function waitFor(check, withinMs) {
  const end = Date.now() + withinMs;
  while (!check() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
}

process.on('message', async (/** @type {any} */ message) => {
  try {
    if (message.credentials) credentials = message.credentials;
    const result = await jobs[message.job](message);
    process.send?.({ result });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
