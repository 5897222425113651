import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emptyQcow2 } from '../disks/qcow2.ts';
import { ImageStore } from './image-store.ts';
import { parseChallenge } from './registry-client.ts';

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

async function tarOf(content: Buffer): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'disk/disk.img', uid: 107, gid: 107 }, content);
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return gzipSync(Buffer.concat(parts));
}

interface Fixture {
  readonly layer: Buffer;
  readonly manifest: Buffer;
  readonly blobs: Map<string, Buffer>;
}

async function fixture(disk: Buffer, mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'): Promise<Fixture> {
  const layer = await tarOf(disk);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      layers: [{ mediaType, digest: digestOf(layer), size: layer.length }],
    }),
  );
  return { layer, manifest, blobs: new Map([[digestOf(layer), layer]]) };
}

let directory: string;
let server: Server;
let requests: string[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

/** A registry that serves one image for `/v2/vp/guest`, manifests by tag `1` and by digest. */
const registry =
  ({ manifest, blobs }: Fixture) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const what = request.url?.split('/').at(-1) ?? '';
    if (request.url?.includes('/manifests/')) {
      if (what === '1' || what === digestOf(manifest)) return void response.end(manifest);
      const other = blobs.get(what);
      return void (other ? response.end(other) : response.writeHead(404).end());
    }
    const blob = blobs.get(what);
    if (!blob) return void response.writeHead(404).end();
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    if (!range) return void response.end(blob);
    response.writeHead(206).end(blob.subarray(Number(range[1])));
  };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'image-store-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

const image = (suffix = ':1'): string => `127.0.0.1:${(server.address() as AddressInfo).port}/vp/guest${suffix}`;
const inspected: string[] = [];
const store = (): ImageStore =>
  new ImageStore({
    directory,
    idleTimeoutMs: 2_000,
    inspect: async (path) => {
      inspected.push(path);
      const size = (await stat(path)).size;
      const isQcow2 = (await readFile(path)).readUInt32BE(0) === 0x514649fb;
      return JSON.stringify(
        isQcow2 ? { format: 'qcow2', 'virtual-size': 1 << 20 } : { format: 'raw', 'virtual-size': size },
      );
    },
  });

describe('pulls', () => {
  test('an image, takes its disk once, and asks the registry only when the policy says so', async () => {
    answer = registry(await fixture(emptyQcow2(1 << 20)));
    const images = store();
    const pulled = await images.pull({ image: image() });
    const disk = await images.disk(pulled);
    expect(disk).toMatchObject({ format: 'qcow2', virtualSizeBytes: 1 << 20 });
    expect((await stat(disk.path)).mode & 0o777).toBe(0o444);
    const before = requests.length;
    const again = store();
    expect(await again.disk(await again.pull({ image: image(), policy: 'IfNotPresent' }))).toEqual(disk);
    expect(requests.length).toBe(before);
    await again.pull({ image: image(), policy: 'Always' });
    expect(requests.slice(before)).toEqual(['GET /v2/vp/guest/manifests/1']);
    expect(await images.pull({ image: image(), policy: 'Never' })).toEqual(pulled);
  });

  test('one blob once for many askers', async () => {
    answer = registry(await fixture(Buffer.alloc(4096, 1)));
    const images = store();
    const all = await Promise.all(
      Array.from({ length: 8 }, () => images.pull({ image: image() }).then((p) => images.disk(p))),
    );
    expect(new Set(all.map((d) => d.path)).size).toBe(1);
    expect(requests.filter((r) => r.includes('/blobs/'))).toHaveLength(1);
  });

  test('from an index, for linux/amd64, by digest', async () => {
    const one = await fixture(Buffer.alloc(512, 1));
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        manifests: [
          {
            mediaType: manifestType,
            digest: `sha256:${'0'.repeat(64)}`,
            size: 1,
            platform: { os: 'linux', architecture: 'arm64' },
          },
          {
            mediaType: manifestType,
            digest: digestOf(one.manifest),
            size: one.manifest.length,
            platform: { os: 'linux', architecture: 'amd64' },
          },
        ],
      }),
    );
    one.blobs.set(digestOf(index), index);
    answer = registry(one);
    const pulled = await store().pull({ image: image(`@${digestOf(index)}`) });
    expect(pulled.digest).toBe(digestOf(one.manifest));
  });

  test('after a 401 with a token, sending the password only to the token server', async () => {
    const serve = registry(await fixture(Buffer.alloc(512, 1)));
    const seen: string[] = [];
    answer = (request, response) => {
      const { port } = server.address() as AddressInfo;
      if (request.url?.startsWith('/token')) {
        seen.push(`token ${request.headers.authorization}`);
        return void response.end(JSON.stringify({ token: 'T' }));
      }
      seen.push(`data ${request.headers.authorization}`);
      if (request.headers.authorization === 'Bearer T') return serve(request, response);
      response
        .writeHead(401, {
          'www-authenticate': `Bearer realm="http://127.0.0.1:${port}/token",service="s",scope="repository:vp/guest:pull"`,
        })
        .end();
    };
    await store().pull({ image: image(), credentials: { username: 'u', password: 'p' } });
    const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
    expect(seen).toEqual(['data undefined', `token ${basic}`, 'data Bearer T', 'data Bearer T']);
    expect(requests.find((r) => r.includes('/token'))).toContain('scope=repository%3Avp%2Fguest%3Apull');
  });

  test('the rest after a cut transfer', async () => {
    const one = await fixture(Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251)));
    const serve = registry(one);
    let cut = false;
    answer = (request, response) => {
      if (request.url?.includes('/blobs/') && !cut) {
        cut = true;
        response.writeHead(200, { 'content-length': one.layer.length });
        response.write(one.layer.subarray(0, 1000), () => response.destroy());
        return;
      }
      serve(request, response);
    };
    await store().pull({ image: image() });
    expect(requests.filter((r) => r.includes('/blobs/'))).toEqual([
      `GET /v2/vp/guest/blobs/${digestOf(one.layer)}`,
      `GET /v2/vp/guest/blobs/${digestOf(one.layer)} bytes=1000-`,
    ]);
  });
});

describe('refuses and keeps nothing', () => {
  const kept = async (): Promise<string[]> => readdir(join(directory, 'partial'));

  test('a blob with other content', async () => {
    const one = await fixture(Buffer.alloc(512, 1));
    const lie = Buffer.from(one.layer);
    lie[lie.length - 1] = (lie[lie.length - 1] ?? 0) ^ 1;
    one.blobs.set(digestOf(one.layer), lie);
    answer = registry(one);
    await expect(store().pull({ image: image() })).rejects.toMatchObject({
      reason: 'ErrImagePull',
      message: expect.stringContaining('got sha256:'),
    });
    expect(await kept()).toEqual([]);
    expect(requests.filter((r) => r.includes('/blobs/'))).toHaveLength(1);
  });

  test('a blob that does not end', async () => {
    const one = await fixture(Buffer.alloc(512, 1));
    one.blobs.set(digestOf(one.layer), Buffer.concat([one.layer, Buffer.alloc(100)]));
    answer = registry(one);
    await expect(store().pull({ image: image() })).rejects.toThrow('sent more than');
  });

  test('a manifest with another digest', async () => {
    const one = await fixture(Buffer.alloc(512, 1));
    const wanted = `sha256:${'1'.repeat(64)}`;
    one.blobs.set(wanted, one.manifest);
    answer = registry(one);
    await expect(store().pull({ image: image(`@${wanted}`) })).rejects.toThrow(`expected ${wanted}`);
  });

  test('zstd layers, missing images, other platforms', async () => {
    answer = registry(await fixture(Buffer.alloc(512), 'application/vnd.oci.image.layer.v1.tar+zstd'));
    await expect(store().pull({ image: image() })).rejects.toThrow('compressed with zstd');
    await expect(store().pull({ image: image(':nope') })).rejects.toThrow('404 Not Found');
    answer = (_, response) =>
      void response.end(
        JSON.stringify({ schemaVersion: 2, manifests: [{ platform: { os: 'linux', architecture: 's390x' } }] }),
      );
    await expect(store().pull({ image: image(':s') })).rejects.toThrow(
      'no matching manifest for linux/amd64 in the manifest list entries (offered: linux/s390x)',
    );
  });

  test('a password asked for without any given, and a token server without TLS', async () => {
    answer = (_, response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    await expect(store().pull({ image: image() })).rejects.toThrow('imagePullSecret');
    answer = (_, response) => void response.writeHead(401, { 'www-authenticate': 'Bearer realm="ftp://x/"' }).end();
    await expect(store().pull({ image: image() })).rejects.toThrow('without TLS');
  });

  test('Never when absent; localhost/ without an import', async () => {
    await expect(store().pull({ image: image(), policy: 'Never' })).rejects.toMatchObject({
      reason: 'ErrImageNeverPull',
    });
    await expect(store().pull({ image: 'localhost/x:1' })).rejects.toThrow('import it on this node first');
    expect(requests).toEqual([]);
  });

  test('a silent server', async () => {
    answer = () => undefined;
    const impatient = new ImageStore({ directory, inspect: async () => '', idleTimeoutMs: 100 });
    await expect(impatient.pull({ image: image() })).rejects.toThrow('no answer for 0.1 s');
  });

  test('a disk over a host file, before any tool sees it', async () => {
    answer = registry(await fixture(emptyQcow2(1 << 20, { path: '/etc/shadow', format: 'raw' })));
    const images = store();
    inspected.length = 0;
    await expect(images.disk(await images.pull({ image: image() }))).rejects.toMatchObject({
      reason: 'UnusableDisk',
      message: 'expected no backing file, but found /etc/shadow',
    });
    expect(inspected).toEqual([]);
    expect(await readdir(join(directory, 'disks'))).toEqual([]);
  });
});

describe('OCI layouts', () => {
  const layout = async (one: Fixture, entries?: unknown[]): Promise<string> => {
    const path = join(directory, 'layout');
    await mkdir(join(path, 'blobs', 'sha256'), { recursive: true });
    for (const bytes of [one.layer, one.manifest])
      await writeFile(join(path, 'blobs', 'sha256', digestOf(bytes).slice(7)), bytes);
    await writeFile(
      join(path, 'index.json'),
      JSON.stringify({ manifests: entries ?? [{ digest: digestOf(one.manifest) }] }),
    );
    return path;
  };

  test('are imported and then served from here, whatever the policy', async () => {
    const one = await fixture(Buffer.alloc(1024, 3));
    const images = store();
    await images.importOciLayout(await layout(one), 'localhost/virtplane/guest:1');
    const pulled = await images.pull({ image: 'localhost/virtplane/guest:1', policy: 'Always' });
    expect(await images.disk(pulled)).toMatchObject({ format: 'raw', virtualSizeBytes: 1024 });
  });

  test('are verified, and several images need a name', async () => {
    const one = await fixture(Buffer.alloc(1024, 3));
    const path = await layout(one);
    await writeFile(join(path, 'blobs', 'sha256', digestOf(one.layer).slice(7)), Buffer.alloc(one.layer.length));
    await expect(store().importOciLayout(path, 'localhost/x:1')).rejects.toThrow('expected sha256:');
    const many = await layout(one, [{ digest: digestOf(one.manifest) }, { digest: `sha256:${'2'.repeat(64)}` }]);
    await expect(store().importOciLayout(many, 'localhost/x:1')).rejects.toThrow('none named "1"');
  });
});

test('challenges are read with and without quotes', () => {
  expect(parseChallenge('Bearer realm="https://a/t",service=s,scope="repository:a:pull,push"')).toEqual({
    scheme: 'bearer',
    parameters: { realm: 'https://a/t', service: 's', scope: 'repository:a:pull,push' },
  });
});
