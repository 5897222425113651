import { Lease } from '@virtplane/resources';
import { pause } from './back-off.ts';
import type { Client } from './client.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import { isConflict } from './refusals.ts';
import { microTimestamp } from './timestamp.ts';

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** The Lease that all candidates contend for. */
  readonly namespace: string;
  readonly name: string;
  /** Unique per process: host name and a random part. */
  readonly identity: string;
  /** How long others wait after the last renewal before they take over; default 15 s. */
  readonly leaseDurationMs?: number;
  /** How long the leader acts without having renewed; less than the lease duration; default 10 s. */
  readonly renewDeadlineMs?: number;
  /** Default 2 s. */
  readonly retryPeriodMs?: number;
  /** `signal` aborts when leadership is lost, at the latest `renewDeadlineMs` after the last renewal. */
  onStartedLeading(signal: AbortSignal): void;
  onStoppedLeading?(): void;
  /** Somebody, perhaps we, holds the Lease now. */
  onNewLeader?(identity: string): void;
}

export interface LeaderElection {
  /** Whether we lead and have renewed within the deadline. */
  isLeader(): boolean;
  /** Ends the candidacy; a leader lets go of the Lease, so that another need not wait for it to expire. */
  stop(): Promise<void>;
}

/**
 * Leader election by Lease. Other candidates' clocks are never compared with ours: a Lease counts as expired when it has not
 * changed for its duration since *we* saw it change. Source: client-go leaderelection.
 */
export function runLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { clock, identity, leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
  if (renewDeadlineMs >= leaseDurationMs) throw new Error('the renew deadline must be shorter than the lease duration');
  if (retryPeriodMs >= renewDeadlineMs) throw new Error('the retry period must be shorter than the renew deadline');
  const log = options.log.child({ lease: `${options.namespace}/${options.name}` });
  const leases = options.client(Lease);
  const key = { namespace: options.namespace, name: options.name };
  const stopping = new AbortController();
  let observed: { readonly version: string; readonly atMs: number } | undefined;
  let leader = '';
  let leading: { readonly abort: AbortController; renewedMs: number; cancelFence: () => void } | undefined;

  const lose = (why: string): void => {
    if (!leading) return;
    const { abort, cancelFence } = leading;
    leading = undefined;
    cancelFence();
    if (stopping.signal.aborted) log.info('no longer leading', { identity, why });
    else log.warn('no longer leading', { identity, why });
    abort.abort(new Error(`leadership lost: ${why}`));
    options.onStoppedLeading?.();
  };

  /** `asOfMs`: before the request was sent, so that the fence never outlasts what others see. */
  const renewed = (asOfMs: number): void => {
    const fence = (): void => lose(`could not renew for ${renewDeadlineMs / 1000} s`);
    const delayMs = asOfMs + renewDeadlineMs - clock.now();
    if (leading) {
      leading.cancelFence();
      leading.renewedMs = asOfMs;
      leading.cancelFence = clock.after(delayMs, fence);
      return;
    }
    if (delayMs <= 0 || stopping.signal.aborted) return;
    leading = { abort: new AbortController(), renewedMs: asOfMs, cancelFence: clock.after(delayMs, fence) };
    log.info('leading', { identity });
    options.onStartedLeading(leading.abort.signal);
  };

  const notice = (holder: string): void => {
    if (holder === leader) return;
    leader = holder;
    if (holder !== '') options.onNewLeader?.(holder);
  };

  const spec = (nowMs: number, old?: Lease) => ({
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
    acquireTime:
      old?.spec?.holderIdentity === identity ? (old.spec.acquireTime ?? microTimestamp(nowMs)) : microTimestamp(nowMs),
    renewTime: microTimestamp(nowMs),
    leaseTransitions: (old?.spec?.leaseTransitions ?? 0) + (old && old.spec?.holderIdentity !== identity ? 1 : 0),
  });

  const attempt = async (): Promise<void> => {
    const nowMs = clock.now();
    const lease = await leases.find(key);
    if (!lease) {
      await leases.create({ metadata: { ...key }, spec: spec(nowMs) });
      renewed(nowMs);
      notice(identity);
      return;
    }
    const version = lease.metadata?.resourceVersion ?? '';
    if (observed?.version !== version) observed = { version, atMs: nowMs };
    const holder = lease.spec?.holderIdentity ?? '';
    if (holder !== identity) {
      lose(`${holder || 'nobody'} holds the Lease`);
      notice(holder);
      const durationMs = (lease.spec?.leaseDurationSeconds ?? leaseDurationMs / 1000) * 1000;
      if (holder !== '' && clock.now() < observed.atMs + durationMs) return;
    }
    // The resource version makes this a compare-and-swap: of two who think it expired one gets a Conflict.
    await leases.update({ ...lease, spec: { ...lease.spec, ...spec(nowMs, lease) } });
    renewed(nowMs);
    notice(identity);
  };

  const release = async (): Promise<void> => {
    const lease = await leases.find(key);
    if (lease?.spec?.holderIdentity !== identity) return;
    await leases.update({
      ...lease,
      spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTimestamp(clock.now()) },
    });
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        if (isConflict(error)) log.debug('another candidate was quicker', { identity });
        else log.warn('cannot renew or acquire the Lease, will try again', { identity, error });
      }
      await pause(clock, leading ? retryPeriodMs : retryPeriodMs * (1 + 0.2 * Math.random()), stopping.signal);
    }
  };
  const running = run();

  return {
    isLeader: () => leading !== undefined && clock.now() < leading.renewedMs + renewDeadlineMs,
    async stop() {
      stopping.abort();
      await running;
      if (!leading) return;
      lose('stopped');
      try {
        await release();
      } catch (error) {
        log.warn('cannot release the Lease; others must wait until it expires', { identity, error });
      }
    },
  };
}
