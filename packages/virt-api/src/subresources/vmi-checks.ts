import type { VirtualMachineInstance } from '@virtplane/resources';
import { isConditionTrue, refusal } from '@virtplane/runtime';
import { type Body, stringOption } from './body.ts';
import { badRequest, conflict, forbidden } from './refusals.ts';

/** A check throws the refusal. All of them run before anything reaches the node, and before a stream is upgraded. */
type Check = (vmi: VirtualMachineInstance, body: Body) => void;

const refuse = (vmi: VirtualMachineInstance, message: string): never => {
  throw conflict('virtualmachineinstance', vmi.metadata.name ?? '', message);
};

const isRunning = (vmi: VirtualMachineInstance): boolean => vmi.status?.phase === 'Running';
const isPaused = (vmi: VirtualMachineInstance): boolean => isConditionTrue(vmi.status?.conditions, 'Paused');
const hasAgent = (vmi: VirtualMachineInstance): boolean => isConditionTrue(vmi.status?.conditions, 'AgentConnected');

const NO_AGENT = 'VMI does not have guest agent connected';
const phaseText = (vmi: VirtualMachineInstance): string =>
  `Unable to connect to VirtualMachineInstance because phase is ${vmi.status?.phase ?? ''} instead of Running`;

/** PUT verbs that the node carries out. */
export const putChecks = {
  pause(vmi) {
    if (!isRunning(vmi)) refuse(vmi, 'VM is not running');
    if (vmi.spec.livenessProbe)
      throw forbidden(
        'virtualmachineinstance',
        vmi.metadata.name ?? '',
        'Pausing VMIs with LivenessProbe is currently not supported',
      );
    if (isPaused(vmi)) refuse(vmi, 'VMI is already paused');
  },
  unpause(vmi) {
    if (!isRunning(vmi) || !isPaused(vmi)) refuse(vmi, 'VMI is not paused');
  },
  softreboot(vmi) {
    if (!isRunning(vmi)) refuse(vmi, 'VM is not running');
    if (isPaused(vmi)) refuse(vmi, 'VMI is paused');
    if (!hasAgent(vmi) && vmi.spec.domain?.features?.acpi?.enabled === false)
      refuse(vmi, 'VMI neither have the agent connected nor the ACPI feature enabled');
  },
  reset(vmi) {
    if (!isRunning(vmi))
      throw badRequest(`Failed to reset non-running VMI with phase ${vmi.status?.phase ?? ''}: ${phaseText(vmi)}`);
  },
  freeze(vmi, body) {
    if (stringOption(body, 'unfreezeTimeout') === undefined && typeof body.unfreezeTimeout !== 'number')
      throw badRequest(
        'unfreezeTimeout is required: after how long the guest thaws by itself, for instance "5m"; "0s": never',
      );
    if (!isRunning(vmi)) refuse(vmi, 'VM is not running');
    if (!hasAgent(vmi)) refuse(vmi, NO_AGENT);
  },
  unfreeze(vmi) {
    if (!isRunning(vmi)) refuse(vmi, 'VMI is not running');
    if (!hasAgent(vmi)) refuse(vmi, NO_AGENT);
  },
} as const satisfies Record<string, Check>;

export type PutVerb = keyof typeof putChecks;
export const isPutVerb = (verb: string): verb is PutVerb => Object.hasOwn(putChecks, verb);

/** What the guest agent tells. */
export const GUEST_INFO_VERBS = ['guestosinfo', 'userlist', 'filesystemlist'] as const;

export function checkGuestInfo(vmi: VirtualMachineInstance): void {
  if (!isRunning(vmi)) refuse(vmi, 'VMI is not running');
  if (!hasAgent(vmi)) refuse(vmi, NO_AGENT);
}

/**
 * A client that gets 400 tries again every second, which is how a console opened right after a start comes up. The missing
 * device is therefore told with another code: no wait will bring it.
 */
export function checkConsole(vmi: VirtualMachineInstance): void {
  if (vmi.spec.domain?.devices?.autoattachSerialConsole === false)
    throw refusal(422, 'Invalid', 'No serial consoles are present.');
  if (vmi.status?.phase === 'Failed') refuse(vmi, 'VMI is in failed status');
  if (!isRunning(vmi)) throw badRequest(phaseText(vmi));
}

export function checkVnc(vmi: VirtualMachineInstance): void {
  if (vmi.spec.domain?.devices?.autoattachGraphicsDevice === false)
    throw badRequest('No graphics devices are present.');
  if (!isRunning(vmi)) throw badRequest(phaseText(vmi));
}

export function checkPortForward(vmi: VirtualMachineInstance): void {
  if (isPaused(vmi)) refuse(vmi, 'VMI is paused');
  if (!isRunning(vmi)) refuse(vmi, 'VMI is not running');
  if (!vmi.status?.interfaces?.length) throw badRequest('no network interfaces are present');
}
