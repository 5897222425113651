import { booleanFlag, type CommandModule } from '../command-line/command.ts';
import { failed, print, textOf, withSession } from '../session.ts';
import { version } from '../version.ts';

/** `virtctl version [--client]`. */
export const showVersion: CommandModule = {
  async run({ flags }) {
    print(`Client Version: ${version}`);
    if (booleanFlag(flags, 'client')) return 0;
    return withSession(flags, async ({ client }) => {
      try {
        const answer = await client.raw('GET', '/apis/subresources.kubevirt.io/v1/version');
        print(`Server Version: ${JSON.stringify(answer)}`);
        return 0;
      } catch (error) {
        return failed(`Error asking the server for its version: ${textOf(error)}`);
      }
    });
  },
};
