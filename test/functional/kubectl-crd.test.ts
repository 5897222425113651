import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ApiServer, MemoryStore, startApiServer } from '@virtplane/apiserver';
import { kubevirtResources } from '@virtplane/resources';
import { createJsonLogger } from '@virtplane/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubectlBinary } from './kubectl-binaries.ts';

const run = promisify(execFile);

const CRD = new URL('../../packages/apiserver/testdata/widget-crd.json', import.meta.url);

/** Turns `size: 3` into `size: 4`, as a person with an editor would. */
const EDITOR = '#!/bin/sh\nsed -i "s/size: 3/size: 4/" "$1"\n';

let directory: string;
let server: ApiServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'virtplane-kubectl-'));
  server = await startApiServer({
    dataDir: join(directory, 'data'),
    bindAddress: '127.0.0.1',
    port: 0,
    store: new MemoryStore(),
    customResources: kubevirtResources,
    log: createJsonLogger({ name: 'apiserver', level: 'error' }),
    onFatal: (error) => {
      throw error;
    },
  });
  await writeFile(join(directory, 'editor'), EDITOR);
  await chmod(join(directory, 'editor'), 0o755);
});

afterAll(async () => {
  await server?.close();
  if (directory) await rm(directory, { recursive: true, force: true });
});

describe.each(['system', '1.27', '1.33'] as const)('kubectl %s', (version) => {
  let binary: string;
  let home: string;

  interface Result {
    readonly out: string;
    readonly err: string;
    readonly code: number;
  }

  /** Runs kubectl in a home of its own (its caches lie there); `input` is its standard input. */
  async function kubectl(args: readonly string[], input?: string): Promise<Result> {
    const child = run(binary, [...args], {
      env: {
        PATH: process.env.PATH,
        HOME: home,
        KUBECONFIG: server.adminKubeconfig,
        KUBE_EDITOR: join(directory, 'editor'),
      },
    });
    child.child.stdin?.end(input ?? '');
    try {
      const { stdout, stderr } = await child;
      return { out: stdout, err: stderr, code: 0 };
    } catch (error) {
      const { stdout, stderr, code } = error as { stdout?: string; stderr?: string; code?: number };
      if (typeof code !== 'number') throw error;
      return { out: stdout ?? '', err: stderr ?? '', code };
    }
  }
  const succeeds = async (args: readonly string[], input?: string): Promise<string> => {
    const { out, err, code } = await kubectl(args, input);
    expect(code, `kubectl ${args.join(' ')}: ${err}`).toBe(0);
    return out;
  };
  const widget = (spec: object): string =>
    JSON.stringify({
      apiVersion: 'demo.vp.io/v1',
      kind: 'Widget',
      metadata: { name: 'w1', namespace: 'default' },
      spec,
    });

  beforeAll(async () => {
    binary = version === 'system' ? 'kubectl' : await kubectlBinary(version);
    home = await mkdtemp(join(directory, 'home-'));
  });

  test('a new kind: defined, waited for, applied, shown, explained, changed, removed', async () => {
    const definition = await readFile(CRD, 'utf8');
    expect(await succeeds(['apply', '-f', '-'], definition)).toContain('created');
    await succeeds(['wait', '--for=condition=Established', 'crd/widgets.demo.vp.io', '--timeout=10s']);

    expect(await succeeds(['apply', '-f', '-'], widget({ size: 1 }))).toContain('widget.demo.vp.io/w1 created');
    expect(await succeeds(['apply', '-f', '-'], widget({ size: 1 }))).toContain('widget.demo.vp.io/w1 unchanged');
    expect(await succeeds(['get', 'wd'])).toMatch(/NAME +SIZE +COND +AGE\nw1 +1 +\d+s\n/);
    expect(await succeeds(['get', 'widgets', '-o', 'wide'])).toMatch(/NAME +SIZE +COND +PRIO +AGE\nw1 +1 +a +\d+s\n/);

    const explained = await succeeds(['explain', 'widgets.spec']);
    expect(explained).toContain('Widget');
    expect(explained).toMatch(/size\s+<integer>/);

    await succeeds(['patch', 'widget', 'w1', '--type=merge', '-p', '{"spec":{"mode":"b"}}']);
    await succeeds(['patch', 'widget', 'w1', '--type=json', '-p', '[{"op":"replace","path":"/spec/size","value":3}]']);
    expect(await succeeds(['edit', 'widget', 'w1'])).toContain('w1 edited');
    expect(JSON.parse(await succeeds(['get', 'widget', 'w1', '-o', 'jsonpath={.spec}']))).toEqual({
      mode: 'b',
      size: 4,
    });

    const difference = await kubectl(['diff', '-f', '-'], widget({ size: 9 }));
    expect(difference.code).toBe(1);
    expect(difference.out).toMatch(/-\s+size: 4\n\+\s+size: 9/);

    const refused = await kubectl(['apply', '-f', '-'], widget({ size: 11 }));
    expect(refused.err).toContain(
      'The Widget "w1" is invalid: spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
    );
    const unknown = await kubectl(['create', '-f', '-'], widget({ size: 1, foo: 1 }).replace('"w1"', '"w2"'));
    expect(unknown.err).toContain('strict decoding error: unknown field "spec.foo"');

    await succeeds(['delete', 'crd', 'widgets.demo.vp.io', '--timeout=20s']);
    expect((await kubectl(['get', 'widgets'])).code).not.toBe(0);
  });

  test('built-in kinds: created, labelled, patched, explained, listed', async () => {
    await succeeds(['create', 'configmap', 'c1', '--from-literal=a=1']);
    await succeeds(['label', 'configmap', 'c1', 'x=y']);
    await succeeds(['patch', 'configmap', 'c1', '-p', '{"data":{"b":"2"}}']);
    expect(JSON.parse(await succeeds(['get', 'cm', 'c1', '-o', 'jsonpath={.data}']))).toEqual({ a: '1', b: '2' });
    expect(await succeeds(['get', 'cm', '-l', 'x=y'])).toMatch(/NAME +DATA +AGE\nc1 +2 +\d+s\n/);
    await succeeds(['delete', 'cm', 'c1']);

    // Sent as protobuf by newer kubectl.
    await succeeds(['create', 'secret', 'generic', 's1', '--from-literal=p=q']);
    expect(await succeeds(['get', 'secret', 's1', '-o', 'jsonpath={.type} {.data.p}'])).toBe('Opaque cQ==');
    await succeeds(['delete', 'secret', 's1']);
    await succeeds(['create', 'quota', 'q1', '--hard=pods=3,requests.memory=1024Mi']);
    expect(JSON.parse(await succeeds(['get', 'quota', 'q1', '-o', 'jsonpath={.spec.hard}']))).toEqual({
      pods: '3',
      'requests.memory': '1Gi',
    });
    await succeeds(['delete', 'quota', 'q1']);
    await succeeds(['create', 'deployment', 'd1', '--image=nginx', '--replicas=2']);
    const deployment = JSON.parse(await succeeds(['get', 'deployment', 'd1', '-o', 'json'])) as {
      spec: { replicas: number; template: { spec: object } };
    };
    expect(deployment.spec.replicas).toBe(2);
    expect(deployment.spec.template.spec).toMatchObject({
      restartPolicy: 'Always',
      containers: [{ name: 'nginx', imagePullPolicy: 'Always' }],
    });
    await succeeds(['delete', 'deployment', 'd1']);
    expect((await succeeds(['auth', 'can-i', 'create', 'virtualmachines'])).trim()).toBe('yes');

    expect(await succeeds(['explain', 'pod.spec.containers.image'])).toMatch(/FIELD: +image <string>/);
    expect(await succeeds(['explain', 'vm.spec.template.spec.domain.cpu'])).toMatch(/cores\s+<integer>/);
    expect(await succeeds(['get', 'crd', '-o', 'name'])).toContain('virtualmachines.kubevirt.io');
  });

  test('a node: cordoned, drained, described; a token for a service account', async () => {
    const node = `n-${version.replace('.', '-')}`;
    const name = `p-${node}`;
    await succeeds(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: node } }));
    await kubectl(['create', 'serviceaccount', 'default']);
    expect((await succeeds(['create', 'token', 'default', '--duration=20m'])).split('.')).toHaveLength(3);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { nodeName: node, terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'busybox:1.36' }] },
    };
    await succeeds(['create', '-f', '-'], JSON.stringify(pod));
    expect(
      await succeeds([
        'get',
        'pod',
        name,
        '-o',
        'jsonpath={.spec.containers[0].imagePullPolicy} {.status.phase} {.status.qosClass}',
      ]),
    ).toBe('IfNotPresent Pending BestEffort');
    const change = await kubectl(['patch', 'pod', name, '--type=merge', '-p', '{"spec":{"hostname":"x"}}']);
    expect(change.err).toContain('pod updates may not change fields other than');
    await succeeds(['cordon', node]);
    expect(await succeeds(['get', 'node', node])).toMatch(/SchedulingDisabled/);
    await succeeds(['drain', node, '--force', '--timeout=20s']);
    expect((await kubectl(['get', 'pod', name])).err).toContain('not found');
    expect(await succeeds(['describe', 'node', node])).toMatch(/Unschedulable: +true/);
    await succeeds(['delete', 'node', node]);
  });
});
