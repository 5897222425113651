import type { KeyPair } from './certificate-issuer.ts';
import { writePrivateFile } from './files.ts';

export interface KubeconfigOptions {
  readonly server: string;
  readonly caCert: string;
  readonly client: KeyPair;
  /** Name of the user entry. */
  readonly user: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with everything embedded, so that it can be copied to another machine. */
export const kubeconfigText = ({ server, caCert, client, user }: KubeconfigOptions): string => `apiVersion: v1
kind: Config
clusters:
- name: virtplane
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(caCert)}
users:
- name: ${user}
  user:
    client-certificate-data: ${base64(client.cert)}
    client-key-data: ${base64(client.key)}
contexts:
- name: virtplane
  context:
    cluster: virtplane
    user: ${user}
current-context: virtplane
preferences: {}
`;

/** Atomic, mode 0600. */
export const writeKubeconfig = (path: string, options: KubeconfigOptions): void =>
  writePrivateFile(path, kubeconfigText(options));
