import type { CommandModule } from '../command-line/command.ts';
import { failed, print, subresourcePath, textOf, withSession } from '../session.ts';

/** `virtctl soft-reboot|reset VMI`. */
const rebootVerb = (subresource: string, doing: string, done: string): CommandModule => ({
  run: ({ args: [name = ''], flags }) =>
    withSession(flags, async ({ client, namespace }) => {
      try {
        await client.raw('PUT', subresourcePath(namespace, 'virtualmachineinstances', name, subresource));
      } catch (error) {
        return failed(`Error ${doing} VirtualMachineInstance ${name}: ${textOf(error)}`);
      }
      print(`VMI ${name} was scheduled to ${done}`);
      return 0;
    }),
});

export const softReboot = rebootVerb('softreboot', 'soft rebooting', 'soft-reboot');
export const reset = rebootVerb('reset', 'resetting', 'reset');

/** `virtctl guestosinfo|userlist|fslist VMI`: what the guest agent says, as JSON. */
const agentVerb = (subresource: string, what: string): CommandModule => ({
  run: ({ args: [name = ''], flags }) =>
    withSession(flags, async ({ client, namespace }) => {
      try {
        const answer = await client.raw(
          'GET',
          subresourcePath(namespace, 'virtualmachineinstances', name, subresource),
        );
        print(JSON.stringify(answer, null, 2));
        return 0;
      } catch (error) {
        return failed(`Error getting ${what} of VirtualMachineInstance ${name}: ${textOf(error)}`);
      }
    }),
});

export const guestOsInfo = agentVerb('guestosinfo', 'guest OS info');
export const userList = agentVerb('userlist', 'the user list');
export const fsList = agentVerb('filesystemlist', 'the file systems');
