/** libvirt's domains: one function a procedure. All reject with LibvirtError, LibvirtConnectionError, LibvirtTimeoutError. */
import { callArguments, type LibvirtConnection } from './connection.ts';
import { type Domain, readDomain, uuidBytes, writeDomain } from './domain-ref.ts';
import { type DomainState, domainState } from './domain-state.ts';
import { isNoSuchDomain, LibvirtError } from './errors.ts';
import { procedure, program, qemuProcedure } from './protocol.ts';
import { parameterRecord, readTypedParameters, type TypedParameter, writeTypedParameters } from './typed-parameters.ts';

/** virDomainCreateFlags */
export const createFlag = {
  none: 0,
  paused: 1,
  autodestroy: 2,
  bypassCache: 4,
  forceBoot: 8,
  validate: 16,
  resetNvram: 32,
};
/** virDomainUndefineFlagsValues */
export const undefineFlag = { managedSave: 1, snapshotsMetadata: 2, nvram: 4, keepNvram: 8, checkpointsMetadata: 16 };
/** virConnectListAllDomainsFlags: 0 = every domain. */
export const listFlag = { active: 1, inactive: 2, persistent: 4, transient: 8, running: 16, paused: 32, shutoff: 64 };
/** virDomainXMLFlags */
export const xmlFlag = { secure: 1, inactive: 2, updateCpu: 4, migratable: 8 };
/** virDomainShutdownFlagValues and virDomainRebootFlagValues have the same numbers: 0 lets libvirt choose. */
export const shutdownFlag = { any: 0, acpi: 1, agent: 2, initctl: 4, signal: 8, paravirt: 16 };
/** virDomainModificationImpact */
export const affect = { current: 0, live: 1, config: 2 };

const metadataElement = 2;

export async function defineDomain(connection: LibvirtConnection, xml: string, flags = 0): Promise<Domain> {
  return readDomain(await connection.call(procedure.domainDefineXmlFlags, callArguments().string(xml).u32(flags)));
}

/** Starts a defined domain; its id changes. */
export async function createDomain(connection: LibvirtConnection, domain: Domain, flags = 0): Promise<Domain> {
  const args = writeDomain(callArguments(), domain).u32(flags);
  return readDomain(await connection.call(procedure.domainCreateWithFlags, args));
}

/** Starts a transient domain. */
export async function createDomainFromXml(connection: LibvirtConnection, xml: string, flags = 0): Promise<Domain> {
  return readDomain(await connection.call(procedure.domainCreateXml, callArguments().string(xml).u32(flags)));
}

/** @returns undefined when there is no such domain. */
export async function findDomainByUuid(connection: LibvirtConnection, uuid: string): Promise<Domain | undefined> {
  return found(connection.call(procedure.domainLookupByUuid, callArguments().fixed(uuidBytes(uuid))).then(readDomain));
}

/** @returns undefined when there is no such domain. */
export async function findDomainByName(connection: LibvirtConnection, name: string): Promise<Domain | undefined> {
  return found(connection.call(procedure.domainLookupByName, callArguments().string(name)).then(readDomain));
}

async function found(lookup: Promise<Domain>): Promise<Domain | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (isNoSuchDomain(error)) return undefined;
    throw error;
  }
}

/** @param flags sum of `listFlag`; 0 = all. */
export async function listDomains(connection: LibvirtConnection, flags = 0): Promise<Domain[]> {
  const reply = await connection.call(procedure.connectListAllDomains, callArguments().i32(1).u32(flags));
  return reply.array(readDomain);
}

export async function getDomainState(connection: LibvirtConnection, domain: Domain): Promise<DomainState> {
  const reply = await connection.call(procedure.domainGetState, writeDomain(callArguments(), domain).u32(0));
  return domainState(reply.i32(), reply.i32());
}

export interface DomainInfo {
  state: DomainState['state'];
  maxMemoryBytes: number;
  memoryBytes: number;
  vcpus: number;
  cpuTimeNanoseconds: bigint;
}

export async function getDomainInfo(connection: LibvirtConnection, domain: Domain): Promise<DomainInfo> {
  const reply = await connection.call(procedure.domainGetInfo, writeDomain(callArguments(), domain));
  return {
    state: domainState(reply.u32(), 0).state,
    maxMemoryBytes: Number(reply.u64()) * 1024,
    memoryBytes: Number(reply.u64()) * 1024,
    vcpus: reply.u32(),
    cpuTimeNanoseconds: reply.u64(),
  };
}

export async function getDomainXml(connection: LibvirtConnection, domain: Domain, flags = 0): Promise<string> {
  const reply = await connection.call(procedure.domainGetXmlDesc, writeDomain(callArguments(), domain).u32(flags));
  return reply.string();
}

export async function suspendDomain(connection: LibvirtConnection, domain: Domain): Promise<void> {
  await connection.call(procedure.domainSuspend, writeDomain(callArguments(), domain));
}

export async function resumeDomain(connection: LibvirtConnection, domain: Domain): Promise<void> {
  await connection.call(procedure.domainResume, writeDomain(callArguments(), domain));
}

/** Asks the guest to shut down (`shutdownFlag`); a paused domain refuses with operationInvalid. */
export async function shutdownDomain(connection: LibvirtConnection, domain: Domain, flags: number): Promise<void> {
  await connection.call(procedure.domainShutdownFlags, writeDomain(callArguments(), domain).u32(flags));
}

/** Asks the guest to reboot (`shutdownFlag`). */
export async function rebootDomain(connection: LibvirtConnection, domain: Domain, flags: number): Promise<void> {
  await connection.call(procedure.domainReboot, writeDomain(callArguments(), domain).u32(flags));
}

/** Presses the reset button. */
export async function resetDomain(connection: LibvirtConnection, domain: Domain): Promise<void> {
  await connection.call(procedure.domainReset, writeDomain(callArguments(), domain).u32(0));
}

/** Ends the guest at once. `graceful`: gives up (operationFailed) rather than SIGKILL a QEMU that does not end by itself. */
export async function destroyDomain(
  connection: LibvirtConnection,
  domain: Domain,
  options: { graceful?: boolean } = {},
): Promise<void> {
  const args = writeDomain(callArguments(), domain).u32(options.graceful ? 1 : 0);
  await connection.call(procedure.domainDestroyFlags, args);
}

/** Forgets the definition (`undefineFlag`); a domain with an NVRAM file is refused without `nvram` or `keepNvram`. */
export async function undefineDomain(connection: LibvirtConnection, domain: Domain, flags = 0): Promise<void> {
  await connection.call(procedure.domainUndefineFlags, writeDomain(callArguments(), domain).u32(flags));
}

/** Puts one element with namespace `uri` under `<metadata>`; undefined removes it. */
export async function setDomainMetadata(
  connection: LibvirtConnection,
  domain: Domain,
  metadata: { uri: string; prefix: string; xml: string | undefined },
  flags: number = affect.current,
): Promise<void> {
  const args = writeDomain(callArguments(), domain)
    .i32(metadataElement)
    .optionalString(metadata.xml)
    .optionalString(metadata.prefix)
    .optionalString(metadata.uri)
    .u32(flags);
  await connection.call(procedure.domainSetMetadata, args);
}

/** @returns the element as XML, or undefined when the domain has none with this namespace. */
export async function getDomainMetadata(
  connection: LibvirtConnection,
  domain: Domain,
  uri: string,
): Promise<string | undefined> {
  const args = writeDomain(callArguments(), domain).i32(metadataElement).optionalString(uri).u32(affect.current);
  try {
    return (await connection.call(procedure.domainGetMetadata, args)).string();
  } catch (error) {
    if (error instanceof LibvirtError && error.is('noDomainMetadata')) return undefined;
    throw error;
  }
}

/** Adds the device that the XML describes (`affect`). */
export async function attachDevice(connection: LibvirtConnection, domain: Domain, xml: string, flags: number) {
  await connection.call(procedure.domainAttachDeviceFlags, writeDomain(callArguments(), domain).string(xml).u32(flags));
}

/** Asks for the device's removal (`affect`); it is gone when the deviceRemoved event comes. */
export async function detachDevice(connection: LibvirtConnection, domain: Domain, xml: string, flags: number) {
  await connection.call(procedure.domainDetachDeviceFlags, writeDomain(callArguments(), domain).string(xml).u32(flags));
}

export async function updateDevice(connection: LibvirtConnection, domain: Domain, xml: string, flags: number) {
  await connection.call(procedure.domainUpdateDeviceFlags, writeDomain(callArguments(), domain).string(xml).u32(flags));
}

/** One QMP command, e.g. `{ execute: 'query-status' }`. @returns its `return` value. @throws Error with QEMU's own text. */
export async function qemuMonitorCommand(
  connection: LibvirtConnection,
  domain: Domain,
  command: { execute: string; arguments?: Record<string, unknown> },
): Promise<unknown> {
  const args = writeDomain(callArguments(), domain).string(JSON.stringify(command)).u32(0);
  const reply = await connection.call(qemuProcedure.monitorCommand, args, { program: program.qemu });
  const answer: unknown = JSON.parse(reply.string());
  return returned(answer, `QEMU refused ${command.execute}`);
}

/**
 * One guest agent command. @returns its `return` value.
 * @param timeoutSeconds how long libvirtd waits for the guest; the error is then agentUnresponsive.
 */
export async function guestAgentCommand(
  connection: LibvirtConnection,
  domain: Domain,
  command: { execute: string; arguments?: Record<string, unknown> },
  timeoutSeconds = 5,
): Promise<unknown> {
  const args = writeDomain(callArguments(), domain).string(JSON.stringify(command)).i32(timeoutSeconds).u32(0);
  const reply = await connection.call(qemuProcedure.agentCommand, args, { program: program.qemu });
  const text = reply.optionalString();
  return text === undefined ? undefined : returned(JSON.parse(text), `The guest agent refused ${command.execute}`);
}

function returned(answer: unknown, refusal: string): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  if ('error' in answer) {
    const { error } = answer;
    const text = typeof error === 'object' && error !== null && 'desc' in error ? String(error.desc) : 'unknown error';
    throw new Error(`${refusal}: ${text}`);
  }
  return 'return' in answer ? answer.return : answer;
}

/** A picture of the guest's first screen. @returns the file and its MIME type (`image/png` or `image/x-portable-pixmap`). */
export async function screenshotDomain(
  connection: LibvirtConnection,
  domain: Domain,
): Promise<{ mimeType: string; data: Buffer }> {
  const args = writeDomain(callArguments(), domain).u32(0).u32(0);
  // An uncompressed 8K screen is 100 MB; nothing larger can be a screen.
  const { reply, data } = await connection.download(procedure.domainScreenshot, args, {
    limitBytes: 128 * 1024 * 1024,
  });
  return { mimeType: reply.optionalString() ?? 'application/octet-stream', data };
}

/** Freezes the file systems through the agent. @returns how many were frozen. */
export async function freezeFileSystems(connection: LibvirtConnection, domain: Domain): Promise<number> {
  return (await connection.call(procedure.domainFsFreeze, writeDomain(callArguments(), domain).u32(0).u32(0))).i32();
}

/** @returns how many file systems were thawed. */
export async function thawFileSystems(connection: LibvirtConnection, domain: Domain): Promise<number> {
  return (await connection.call(procedure.domainFsThaw, writeDomain(callArguments(), domain).u32(0).u32(0))).i32();
}

/** Sets the guest's clock through the agent. */
export async function setGuestTime(connection: LibvirtConnection, domain: Domain, epochMs: number): Promise<void> {
  const seconds = Math.floor(epochMs / 1000);
  const nanoseconds = Math.floor(epochMs % 1000) * 1_000_000;
  const args = writeDomain(callArguments(), domain).i64(seconds).u32(nanoseconds).u32(0);
  await connection.call(procedure.domainSetTime, args);
}

/** virDomainMigrateFlags */
export const migrateFlag = {
  live: 1,
  peerToPeer: 2,
  tunnelled: 4,
  persistDestination: 8,
  undefineSource: 16,
  paused: 32,
  nonSharedDisk: 64,
  nonSharedIncremental: 128,
  unsafe: 512,
  abortOnError: 4096,
  autoConverge: 8192,
  postCopy: 32768,
  tls: 65536,
  parallel: 131072,
};

export interface MigrateOptions {
  /** The other libvirtd, e.g. `qemu+unix:///system?socket=/path`. */
  destinationUri: string;
  /** Where QEMU sends the memory: `tcp://host:port` or `unix:///path`. */
  migrateUri?: string;
  /** MiB/s */
  bandwidthMiBps?: number;
  /** The domain's definition on the destination. */
  destinationXml?: string;
  /** Sum of `migrateFlag`; live and peerToPeer are always on. */
  flags?: number;
}

/** Migrates peer to peer; resolves when the guest runs on the destination. Watch it with `getJobStats` meanwhile. */
export async function migrateDomain(
  connection: LibvirtConnection,
  domain: Domain,
  options: MigrateOptions,
): Promise<void> {
  const parameters: TypedParameter[] = [];
  if (options.migrateUri !== undefined) {
    parameters.push({ name: 'migrate_uri', type: 'string', value: options.migrateUri });
  }
  if (options.bandwidthMiBps !== undefined) {
    parameters.push({ name: 'bandwidth', type: 'ullong', value: BigInt(options.bandwidthMiBps) });
  }
  if (options.destinationXml !== undefined) {
    parameters.push({ name: 'destination_xml', type: 'string', value: options.destinationXml });
  }
  const args = writeDomain(callArguments(), domain).optionalString(options.destinationUri);
  writeTypedParameters(args, parameters)
    .u32(0)
    .u32((options.flags ?? 0) | migrateFlag.live | migrateFlag.peerToPeer);
  await connection.call(procedure.domainMigratePerform3Params, args);
}

/** Switches a running migration that was begun with `migrateFlag.postCopy` to post-copy. */
export async function startPostCopy(connection: LibvirtConnection, domain: Domain): Promise<void> {
  await connection.call(procedure.domainMigrateStartPostCopy, writeDomain(callArguments(), domain).u32(0));
}

export async function setMigrationMaxSpeed(connection: LibvirtConnection, domain: Domain, mibPerSecond: number) {
  const args = writeDomain(callArguments(), domain).u64(mibPerSecond).u32(0);
  await connection.call(procedure.domainMigrateSetMaxSpeed, args);
}

export async function setMigrationMaxDowntime(connection: LibvirtConnection, domain: Domain, milliseconds: number) {
  const args = writeDomain(callArguments(), domain).u64(milliseconds).u32(0);
  await connection.call(procedure.domainMigrateSetMaxDowntime, args);
}

const jobTypes = ['none', 'bounded', 'unbounded', 'completed', 'failed', 'cancelled'] as const;

export interface JobStats {
  type: (typeof jobTypes)[number];
  /** libvirt's names, e.g. `time_elapsed` (ms), `data_total`, `data_processed`, `memory_dirty_rate`, `downtime` (ms). */
  values: Record<string, number | string | boolean>;
}

/** @param completed statistics of the last finished job instead of the running one. */
export async function getJobStats(
  connection: LibvirtConnection,
  domain: Domain,
  options: { completed?: boolean } = {},
): Promise<JobStats> {
  const args = writeDomain(callArguments(), domain).u32(options.completed ? 1 : 0);
  const reply = await connection.call(procedure.domainGetJobStats, args);
  return { type: jobTypes[reply.i32()] ?? 'none', values: parameterRecord(readTypedParameters(reply)) };
}

/** Cancels the running job (a migration): the guest stays where it is. */
export async function abortJob(connection: LibvirtConnection, domain: Domain): Promise<void> {
  await connection.call(procedure.domainAbortJob, writeDomain(callArguments(), domain));
}

/** Statistics of the balloon: unused, available, rss … in bytes (`virDomainMemoryStatTags`). */
export async function getMemoryStats(
  connection: LibvirtConnection,
  domain: Domain,
): Promise<Partial<Record<MemoryStat, number>>> {
  const args = writeDomain(callArguments(), domain).u32(memoryStats.length).u32(0);
  const stats: Partial<Record<MemoryStat, number>> = {};
  const reply = await connection.call(procedure.domainMemoryStats, args);
  for (const [tag, value] of reply.array((reader) => [reader.i32(), Number(reader.u64())] as const)) {
    const name = memoryStats[tag];
    if (name) stats[name] = memoryStatsInKibibytes.has(name) ? value * 1024 : value;
  }
  return stats;
}

const memoryStats = [
  'swapIn',
  'swapOut',
  'majorFaults',
  'minorFaults',
  'unused',
  'available',
  'actualBalloon',
  'rss',
  'usable',
  'lastUpdate',
  'diskCaches',
  'hugetlbPageAllocations',
  'hugetlbPageFailures',
] as const;
export type MemoryStat = (typeof memoryStats)[number];
const memoryStatsInKibibytes = new Set<MemoryStat>([
  'swapIn',
  'swapOut',
  'unused',
  'available',
  'actualBalloon',
  'rss',
  'usable',
  'diskCaches',
]);
