import { booleanFlag, type CommandModule, type Invocation, integerFlag } from '../command-line/command.ts';
import { failed, print, subresourcePath, textOf, withSession } from '../session.ts';

type Verb = 'start' | 'stop' | 'restart' | 'migrate';
const doing: Readonly<Record<Verb, string>> = {
  start: 'starting',
  stop: 'stopping',
  restart: 'restarting',
  migrate: 'migrating',
};

/** `virtctl start|stop|restart|migrate VM`: asks the subresource; the controllers do the rest. */
const lifeCycleVerb = (verb: Verb): CommandModule => ({
  run: (invocation) => {
    const [name = ''] = invocation.args;
    const request = requestBody(verb, invocation);
    if (typeof request === 'string') return Promise.resolve(failed(request));
    return withSession(invocation.flags, async ({ client, namespace }) => {
      if (booleanFlag(invocation.flags, 'dry-run')) print('Dry Run execution');
      try {
        await client.raw('PUT', subresourcePath(namespace, 'virtualmachines', name, verb), request);
      } catch (error) {
        const comma = verb === 'restart' && booleanFlag(invocation.flags, 'force') ? ',' : '';
        return failed(`Error ${doing[verb]} VirtualMachine${comma} ${textOf(error)}`);
      }
      print(`VM ${name} was scheduled to ${verb}`);
      return 0;
    });
  },
});

/** The body, or the sentence that says why the flags do not go together. */
function requestBody(verb: Verb, { flags, given }: Invocation): Record<string, unknown> | string {
  const body: Record<string, unknown> = {};
  if (booleanFlag(flags, 'dry-run')) body.dryRun = ['All'];
  if (verb === 'start' && booleanFlag(flags, 'paused')) body.paused = true;
  if (verb !== 'stop' && verb !== 'restart') return body;
  const seconds = given.has('grace-period') ? integerFlag(flags, 'grace-period') : undefined;
  const force = booleanFlag(flags, 'force');
  if (verb === 'stop') {
    if (seconds !== undefined && !force) return 'Can not set gracePeriod without --force=true';
    if (force && seconds === undefined) return 'Can not force stop without gracePeriod';
    if (seconds !== undefined) body.gracePeriod = seconds;
  } else {
    if (force && seconds === undefined) return 'Can not force restart without gracePeriod';
    if (seconds !== undefined && !force) return 'Can not set gracePeriod without --force=true';
    if (seconds !== undefined) body.gracePeriodSeconds = seconds;
  }
  return body;
}

export const start = lifeCycleVerb('start');
export const stop = lifeCycleVerb('stop');
export const restart = lifeCycleVerb('restart');
export const migrate = lifeCycleVerb('migrate');
