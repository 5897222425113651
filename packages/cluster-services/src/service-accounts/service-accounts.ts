import { ConfigMap, Namespace, ServiceAccount } from '@virtplane/resources';
import {
  type Controller,
  type ControllerContext,
  type InformerOptions,
  isConflict,
  isNamespaceTerminating,
} from '@virtplane/runtime';

const accountName = 'default';
const bundleName = 'kube-root-ca.crt';
const onlyAccounts: InformerOptions = { fieldSelector: `metadata.name=${accountName}` };
const onlyBundles: InformerOptions = { fieldSelector: `metadata.name=${bundleName}` };

/**
 * Every namespace has a ServiceAccount `default` and a ConfigMap `kube-root-ca.crt` with the certificate authorities by which
 * its Pods know the API server. Source: kube-controller-manager serviceaccount and root-ca-cert-publisher.
 */
export function serviceAccounts({ client, informers }: ControllerContext, rootCertificates: string): Controller {
  const namespaces = informers(Namespace);
  const accounts = informers(ServiceAccount, onlyAccounts);
  const bundles = informers(ConfigMap, onlyBundles);
  const toNamespace = (object: { metadata?: { namespace?: string } }) => [{ name: object.metadata?.namespace ?? '' }];

  const unlessTooLate = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      // Made by another meanwhile, or the namespace is going: both are as it should be.
      if (!isConflict(error) && !isNamespaceTerminating(error)) throw error;
    }
  };

  return {
    name: 'service-accounts',
    for: Namespace,
    watches: [
      { resource: ServiceAccount, options: onlyAccounts, map: toNamespace },
      { resource: ConfigMap, options: onlyBundles, map: toNamespace },
    ],
    async reconcile({ name: namespace }) {
      const found = namespaces.get({ name: namespace });
      if (!found || found.metadata?.deletionTimestamp) return undefined;
      if (!accounts.get({ namespace, name: accountName }))
        await unlessTooLate(() => client(ServiceAccount).create({ metadata: { namespace, name: accountName } }));
      const bundle = bundles.get({ namespace, name: bundleName });
      const data = { 'ca.crt': rootCertificates };
      if (!bundle)
        await unlessTooLate(() =>
          client(ConfigMap).create({
            metadata: { namespace, name: bundleName, annotations: { 'kubernetes.io/description': bundleDescription } },
            data,
          }),
        );
      else if (bundle.data?.['ca.crt'] !== rootCertificates) await client(ConfigMap).update({ ...bundle, data });
      return undefined;
    },
  };
}

const bundleDescription =
  'Certificate authorities by which Pods verify the API server. Kept by Virtplane; changes are undone.';
