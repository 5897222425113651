import path from 'node:path';
import { openImageStore, openLocalHost } from '@virtplane/node';
import { type CommandModule, print } from '@virtplane/virtctl';
import { type DataDirectory, dataDirectory, prepareDataDirectory } from '../data-directory.ts';

/** Takes an OCI layout into the image store of this machine's node. Returns the image's digest. */
export async function addImage(data: DataDirectory, layout: string, reference: string): Promise<string> {
  const store = openImageStore(openLocalHost(), data.node);
  const { digest } = await store.importOciLayout(layout, reference);
  return digest;
}

/** `virtplane image add OCI-LAYOUT localhost/NAME:TAG`. */
export const imageAdd: CommandModule = {
  async run({ args: [layout = '', reference = ''], flags }) {
    const data = dataDirectory(flags);
    await prepareDataDirectory(data);
    print(`${reference} ${await addImage(data, path.resolve(layout), reference)}`);
    return 0;
  },
};
