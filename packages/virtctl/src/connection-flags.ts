import type { FlagSpec } from './command-line/flags.ts';

/** Flags of every verb: where the cluster is. The names are kubectl's. */
export const connectionFlags: Readonly<Record<string, FlagSpec>> = {
  kubeconfig: {
    type: 'string',
    description: 'kubeconfig file (default: KUBECONFIG, then ~/.kube/config)',
    placeholder: 'FILE',
  },
  context: { type: 'string', description: 'context of the kubeconfig', placeholder: 'NAME' },
  namespace: {
    type: 'string',
    short: 'n',
    description: 'namespace (default: the one of the context)',
    placeholder: 'NAME',
  },
  server: { type: 'string', short: 's', description: 'address of the API server', placeholder: 'URL' },
};
