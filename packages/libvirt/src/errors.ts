/** What libvirt refuses, and what can go wrong on the way to it. */
import type { XdrReader } from './xdr.ts';

/** virErrorNumber, the ones a caller can act on. */
export const libvirtErrorCode = {
  internalError: 1,
  noSupport: 3,
  noConnect: 5,
  invalidDomain: 7,
  invalidArgument: 8,
  operationFailed: 9,
  noName: 21,
  xmlError: 27,
  domainExists: 28,
  operationDenied: 29,
  parseFailed: 32,
  xmlDetail: 35,
  systemError: 38,
  rpc: 39,
  noDomain: 42,
  authFailed: 45,
  operationInvalid: 55,
  configUnsupported: 67,
  operationTimeout: 68,
  migratePersistFailed: 69,
  argumentUnsupported: 74,
  operationAborted: 78,
  noDomainMetadata: 80,
  migrateUnsafe: 81,
  operationUnsupported: 84,
  agentUnresponsive: 86,
  resourceBusy: 87,
  accessDenied: 88,
  cpuIncompatible: 91,
  xmlInvalidSchema: 92,
  agentUnsynced: 97,
  deviceMissing: 99,
} as const;

export type LibvirtErrorName = keyof typeof libvirtErrorCode;

const nameOfCode = new Map<number, LibvirtErrorName>(
  (Object.entries(libvirtErrorCode) as [LibvirtErrorName, number][]).map(([name, code]) => [code, name]),
);

/** An error that libvirtd answered. `message` is libvirt's own sentence. */
export class LibvirtError extends Error {
  override name = 'LibvirtError';
  /** virErrorNumber */
  readonly code: number;
  /** virErrorDomain: the part of libvirt that raised it (10 = QEMU driver, 20 = domain XML, …). */
  readonly domain: number;
  /** The name of `code`, if it is one that callers are expected to distinguish. */
  readonly codeName: LibvirtErrorName | undefined;

  constructor(code: number, domain: number, message: string) {
    super(message);
    this.code = code;
    this.domain = domain;
    this.codeName = nameOfCode.get(code);
  }

  is(...names: LibvirtErrorName[]): boolean {
    return this.codeName !== undefined && names.includes(this.codeName);
  }
}

/** The connection is not there (any more): the call may or may not have been carried out. */
export class LibvirtConnectionError extends Error {
  override name = 'LibvirtConnectionError';
}

/** libvirtd did not answer in time: the call may still be carried out later. */
export class LibvirtTimeoutError extends Error {
  override name = 'LibvirtTimeoutError';
}

/** True when the domain is not there or not running: what a caller meets when a guest has just ended or moved away. */
export function isDomainGone(error: unknown): boolean {
  return error instanceof LibvirtError && error.is('noDomain', 'operationInvalid');
}

export function isNoSuchDomain(error: unknown): boolean {
  return error instanceof LibvirtError && error.is('noDomain');
}

/** Reads remote_error: code, domain, optional message; the rest (level, objects, extra strings) repeats these. */
export function readLibvirtError(reader: XdrReader): LibvirtError {
  const code = reader.i32();
  const domain = reader.i32();
  return new LibvirtError(code, domain, reader.optionalString() ?? `libvirt error ${code} without a message`);
}
