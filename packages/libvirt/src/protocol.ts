/**
 * Numbers of libvirt's RPC protocol. They are append-only upstream (src/remote/remote_protocol.x, qemu_protocol.x), so
 * a number never changes its meaning; the functional tests call each of them on a real libvirtd.
 */

export const program = {
  remote: 0x20008086,
  qemu: 0x20008087,
  keepAlive: 0x6b656570,
} as const;

export const protocolVersion = 1;

/** Length word, program, version, procedure, type, serial, status. */
export const headerBytes = 28;

/** VIR_NET_MESSAGE_MAX plus the length word. */
export const maxMessageBytes = 32 * 1024 * 1024 + 4;

export const messageType = { call: 0, reply: 1, message: 2, stream: 3 } as const;
export const messageStatus = { ok: 0, error: 1, continue: 2 } as const;

export const keepAliveProcedure = { ping: 1, pong: 2 } as const;

export const qemuProcedure = { monitorCommand: 1, agentCommand: 3 } as const;

export const procedure = {
  connectOpen: 1,
  connectClose: 2,
  connectGetVersion: 4,
  nodeGetInfo: 6,
  connectGetCapabilities: 7,
  domainCreateXml: 10,
  domainGetXmlDesc: 14,
  domainGetInfo: 16,
  domainLookupByName: 23,
  domainLookupByUuid: 24,
  domainReboot: 27,
  domainResume: 28,
  domainSuspend: 34,
  connectGetHostname: 59,
  authList: 66,
  connectGetLibVersion: 157,
  domainMemoryStats: 159,
  domainAttachDeviceFlags: 160,
  domainDetachDeviceFlags: 161,
  domainAbortJob: 164,
  domainMigrateSetMaxDowntime: 166,
  domainUpdateDeviceFlags: 174,
  domainCreateWithFlags: 196,
  domainMigrateSetMaxSpeed: 207,
  domainScreenshot: 211,
  domainGetState: 212,
  domainUndefineFlags: 231,
  domainDestroyFlags: 234,
  domainReset: 245,
  domainShutdownFlags: 258,
  domainSetMetadata: 264,
  domainGetMetadata: 265,
  connectListAllDomains: 273,
  domainGetJobStats: 298,
  domainMigratePerform3Params: 305,
  connectDomainEventCallbackRegisterAny: 316,
  connectDomainEventCallbackDeregisterAny: 317,
  domainEventLifecycle: 318,
  domainEventReboot: 319,
  domainEventWatchdog: 321,
  domainEventIoErrorReason: 324,
  domainEventDeviceRemoved: 333,
  domainFsFreeze: 335,
  domainFsThaw: 336,
  domainSetTime: 338,
  connectGetDomainCapabilities: 342,
  domainEventAgentLifecycle: 348,
  domainDefineXmlFlags: 350,
  domainEventMigrationIteration: 359,
  domainEventJobCompleted: 363,
  domainMigrateStartPostCopy: 364,
  connectBaselineHypervisorCpu: 394,
} as const;

/** virDomainEventID */
export const eventId = {
  lifecycle: 0,
  reboot: 1,
  watchdog: 3,
  ioErrorReason: 6,
  deviceRemoved: 15,
  agentLifecycle: 18,
  migrationIteration: 20,
  jobCompleted: 21,
} as const;
