import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { KeyPair, LeafRequest } from './certificate-issuer.ts';
import { makePrivateDirectory, readIfPresent, writePrivateFile } from './files.ts';

const dayMs = 24 * 3_600_000;
const leafValidityMs = 365 * dayMs;
const authorityValidityMs = 3650 * dayMs;
const renewBeforeMs = 30 * dayMs;
/** Clocks of other machines may be a little behind. */
const backdateMs = 3_600_000;

/** Files of the data directory's `pki` folder; each certificate `x.crt` has its key in `x.key`. */
export interface PkiPaths {
  readonly caCert: string;
  readonly caKey: string;
  readonly serving: string;
  readonly admin: string;
  readonly virtApi: string;
  readonly serviceAccountKey: string;
}

export interface Pki {
  readonly paths: PkiPaths;
  readonly caCert: string;
  readonly serving: KeyPair;
  /** CN kubernetes-admin, O system:masters. */
  readonly admin: KeyPair;
  /** CN virt-api: how the server makes itself known to node agents. */
  readonly virtApi: KeyPair;
  /** Signs ServiceAccount tokens. */
  readonly serviceAccountKey: KeyObject;
  /** The client certificate of a node's agent, kept and renewed in `nodes/<name>`. */
  nodeCertificate(name: string, subjectAltNames?: readonly string[]): Promise<KeyPair>;
}

type LeafWish = Omit<LeafRequest, 'notBeforeMs' | 'notAfterMs'>;

/** Names and addresses under which this machine is reached. */
export function localNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', hostname().toLowerCase()];
  return [...new Set([...names, '127.0.0.1', '::1', ...addresses])];
}

const covers = (certificate: X509Certificate, name: string): boolean =>
  (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !== undefined;

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // A file that is no certificate is replaced like one that has expired.
    return undefined;
  }
}

/** Whether a stored pair can go on being used. */
function isGood(pair: KeyPair, authority: X509Certificate, names: readonly string[], nowMs: number): boolean {
  const certificate = parse(pair.cert);
  return (
    certificate !== undefined &&
    Date.parse(certificate.validTo) - renewBeforeMs > nowMs &&
    certificate.verify(authority.publicKey) &&
    certificate.checkPrivateKey(createPrivateKey(pair.key)) &&
    names.every((name) => covers(certificate, name))
  );
}

// The X.509 library costs a tenth of a second: only a start that has to make certificates pays for it.
const issuer = () => import('./certificate-issuer.ts');

function load(base: string): KeyPair | undefined {
  const cert = readIfPresent(`${base}.crt`);
  const key = readIfPresent(`${base}.key`);
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

function store(base: string, pair: KeyPair): KeyPair {
  writePrivateFile(`${base}.key`, pair.key);
  writePrivateFile(`${base}.crt`, pair.cert);
  return pair;
}

async function ensureAuthority(base: string, nowMs: number): Promise<KeyPair> {
  const found = load(base);
  const certificate = found && parse(found.cert);
  if (found && certificate && Date.parse(certificate.validTo) - renewBeforeMs > nowMs) return found;
  const { issueAuthority } = await issuer();
  const validity = { notBeforeMs: nowMs - backdateMs, notAfterMs: nowMs + authorityValidityMs };
  return store(base, await issueAuthority('virtplane-ca', validity));
}

async function ensureLeaf(base: string, authority: KeyPair, wish: LeafWish, nowMs: number): Promise<KeyPair> {
  const found = load(base);
  const parsed = new X509Certificate(authority.cert);
  if (found && isGood(found, parsed, wish.subjectAltNames, nowMs)) return found;
  const { issueLeaf } = await issuer();
  const validity = { notBeforeMs: nowMs - backdateMs, notAfterMs: nowMs + leafValidityMs };
  return store(base, await issueLeaf(authority, { ...wish, ...validity }));
}

function ensureServiceAccountKey(path: string): KeyObject {
  const found = readIfPresent(path);
  if (found !== undefined) return createPrivateKey(found);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writePrivateFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

/**
 * The certificates of an installation, in `<dataDir>/pki`: made on the first start, renewed when fewer than 30 days remain or
 * when the machine has got another name or address. EC P-256, leaves last a year.
 */
export async function ensurePki(
  dataDir: string,
  names: readonly string[] = localNames(),
  nowMs = Date.now(),
): Promise<Pki> {
  const directory = join(dataDir, 'pki');
  makePrivateDirectory(directory);
  const base = (name: string): string => join(directory, name);
  const authority = await ensureAuthority(base('ca'), nowMs);
  const client = (commonName: string, organizations: readonly string[]): LeafWish => ({
    commonName,
    organizations,
    usages: ['client'],
    subjectAltNames: [],
  });
  const serving: LeafWish = {
    commonName: 'virtplane-apiserver',
    organizations: [],
    usages: ['server'],
    subjectAltNames: names,
  };
  return {
    paths: {
      caCert: base('ca.crt'),
      caKey: base('ca.key'),
      serving: base('apiserver'),
      admin: base('admin'),
      virtApi: base('virt-api'),
      serviceAccountKey: base('service-accounts.key'),
    },
    caCert: authority.cert,
    serving: await ensureLeaf(base('apiserver'), authority, serving, nowMs),
    admin: await ensureLeaf(base('admin'), authority, client('kubernetes-admin', ['system:masters']), nowMs),
    virtApi: await ensureLeaf(base('virt-api'), authority, client('virt-api', []), nowMs),
    serviceAccountKey: ensureServiceAccountKey(base('service-accounts.key')),
    nodeCertificate(name, subjectAltNames = []) {
      if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) {
        throw new Error(
          `${JSON.stringify(name)} cannot be the name of a node: use lower-case letters, digits, '-' and '.'`,
        );
      }
      // A node agent is a client of the API server and is dialled by it, so its certificate serves for both.
      const wish: LeafWish = {
        commonName: `system:node:${name}`,
        organizations: ['system:nodes'],
        usages: ['client', 'server'],
        subjectAltNames: [name, ...subjectAltNames],
      };
      return ensureLeaf(join(directory, 'nodes', name), authority, wish, Date.now());
    },
  };
}
