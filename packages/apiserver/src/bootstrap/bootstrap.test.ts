import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterRole, ClusterRoleBinding } from '@virtplane/resources';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { directoryFailure } from './files.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { reconciledBinding, reconciledRole } from './objects.ts';
import { ensurePki } from './pki.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'virtplane-pki-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const names = ['localhost', '127.0.0.1', '::1', 'kubernetes.default.svc'];
const dayMs = 24 * 3_600_000;

describe('certificates', () => {
  test('are made once, readable by their owner only', async () => {
    const first = await ensurePki(directory, names);
    const serving = new X509Certificate(first.serving.cert);
    expect(serving.subjectAltName).toContain('DNS:kubernetes.default.svc');
    expect(serving.checkIP('::1')).toBe('::1');
    expect(serving.verify(new X509Certificate(first.caCert).publicKey)).toBe(true);
    const days = (Date.parse(serving.validTo) - Date.now()) / dayMs;
    expect(Math.round(days)).toBe(365);
    expect(new X509Certificate(first.admin.cert).subject).toBe('O=system:masters\nCN=kubernetes-admin');
    expect(statSync(join(directory, 'pki')).mode & 0o777).toBe(0o700);
    for (const file of ['ca.key', 'apiserver.key', 'admin.key', 'service-accounts.key']) {
      expect(statSync(join(directory, 'pki', file)).mode & 0o777).toBe(0o600);
    }
    const second = await ensurePki(directory, names);
    expect(second.serving).toEqual(first.serving);
    expect(second.admin).toEqual(first.admin);
    expect(second.serviceAccountKey.equals(first.serviceAccountKey)).toBe(true);
  });

  test('are renewed before they expire, for new names, and when broken; the authority stays', async () => {
    const first = await ensurePki(directory, names);
    const renamed = await ensurePki(directory, [...names, 'new.example', '192.0.2.7']);
    expect(renamed.serving.cert).not.toBe(first.serving.cert);
    expect(renamed.admin).toEqual(first.admin);
    const later = await ensurePki(directory, names, Date.now() + 340 * dayMs);
    expect(later.admin.cert).not.toBe(first.admin.cert);
    expect(later.caCert).toBe(first.caCert);
    writeFileSync(join(directory, 'pki', 'admin.crt'), 'nonsense');
    const mended = await ensurePki(directory, names, Date.now() + 340 * dayMs);
    expect(new X509Certificate(mended.admin.cert).subject).toContain('system:masters');
  });

  test('of nodes', async () => {
    const pki = await ensurePki(directory, names);
    const pair = await pki.nodeCertificate('node1', ['192.0.2.1']);
    const certificate = new X509Certificate(pair.cert);
    expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:node1');
    expect(certificate.checkHost('node1')).toBe('node1');
    expect(await pki.nodeCertificate('node1', ['192.0.2.1'])).toEqual(pair);
    expect(() => pki.nodeCertificate('../x')).toThrow('cannot be the name of a node');
  });
});

test('kubeconfig', async () => {
  const pki = await ensurePki(directory, names);
  const path = join(directory, 'admin.kubeconfig');
  writeKubeconfig(path, { server: 'https://127.0.0.1:1', caCert: pki.caCert, client: pki.admin, user: 'admin' });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toContain('server: https://127.0.0.1:1\n');
});

test('a data directory that cannot be used is one sentence', () => {
  const error = Object.assign(new Error('EACCES: x'), { code: 'EACCES' });
  expect(directoryFailure('/x', error).message).toBe(
    'the data directory /x cannot be used: this user may not write there: choose another directory or change its owner',
  );
});

describe('default objects over restarts', () => {
  const role = (rules: ClusterRole['rules'], more: Partial<ClusterRole> = {}): ClusterRole => ({
    metadata: { name: 'r', labels: { a: 'b' } },
    rules,
    ...more,
  });
  const read = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
  const write = { apiGroups: [''], resources: ['pods'], verbs: ['create'] };

  test('missing rules are added, people keep theirs', () => {
    expect(reconciledRole(role([read]), role([read]))).toBeUndefined();
    expect(reconciledRole(role([write]), role([read]))?.rules).toEqual([write, read]);
    const own = { metadata: { name: 'r', annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } } };
    expect(reconciledRole(role([], own), role([read]))).toBeUndefined();
  });

  test('missing subjects are added', () => {
    const binding = (...people: string[]): ClusterRoleBinding => ({
      metadata: { name: 'b' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
      subjects: people.map((name) => ({ kind: 'User', name })),
    });
    expect(reconciledBinding(binding('x'), binding('x'))).toBeUndefined();
    expect(reconciledBinding(binding('x'), binding('y'))?.subjects).toEqual([
      { kind: 'User', name: 'x' },
      { kind: 'User', name: 'y' },
    ]);
  });
});
