/** virDomainState with its reasons, as names. */

const reasonsOfState = {
  nostate: ['unknown'],
  running: [
    'unknown',
    'booted',
    'migrated',
    'restored',
    'fromSnapshot',
    'unpaused',
    'migrationCanceled',
    'saveCanceled',
    'wakeup',
    'crashed',
    'postcopy',
    'postcopyFailed',
  ],
  blocked: ['unknown'],
  paused: [
    'unknown',
    'user',
    'migration',
    'save',
    'dump',
    'ioError',
    'watchdog',
    'fromSnapshot',
    'shuttingDown',
    'snapshot',
    'crashed',
    'startingUp',
    'postcopy',
    'postcopyFailed',
  ],
  shutdown: ['unknown', 'user'],
  shutoff: ['unknown', 'shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'fromSnapshot', 'daemon'],
  crashed: ['unknown', 'panicked'],
  pmsuspended: ['unknown'],
} as const;

type Reasons = typeof reasonsOfState;

/** One state with one of its own reasons; `unknown` also stands for reasons newer than this table. */
export type DomainState = { [S in keyof Reasons]: { state: S; reason: Reasons[S][number] } }[keyof Reasons];

const states = Object.keys(reasonsOfState) as (keyof Reasons)[];

export function domainState(state: number, reason: number): DomainState {
  const name = states[state] ?? 'nostate';
  const reasons: readonly string[] = reasonsOfState[name];
  return { state: name, reason: reasons[reason] ?? 'unknown' } as DomainState;
}
