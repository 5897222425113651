import type { ApiExtension, Client, UserInfo } from '@virtplane/runtime';
import { aliasGroupExtension } from './subresources/alias-group.ts';
import { type SubresourceOptions, subresourceExtension } from './subresources/extension.ts';

export interface VirtApiExtensionOptions extends SubresourceOptions {
  /** Acts as a user, by impersonation; without it the alias group `kubevirt` is not served. */
  readonly clientAs?: (user: UserInfo) => Client;
}

/** The API groups that virt-api serves beside the stored resources. */
export function virtApiExtensions(options: VirtApiExtensionOptions): ApiExtension[] {
  const extensions = [subresourceExtension(options)];
  if (options.clientAs) extensions.push(aliasGroupExtension(options.clientAs));
  return extensions;
}

export { INERT_FIELDS } from './admission/inert-fields.ts';
export { type VirtApiAdmissionOptions, virtApiAdmission } from './admission/plugins.ts';
export { COMPONENT_USERS } from './admission/users.ts';
export {
  type NodeAnswer,
  type NodeConnector,
  type NodeConnectorOptions,
  nodeConnector,
} from './subresources/node-connector.ts';
export { podLogReader } from './subresources/pod-log.ts';
