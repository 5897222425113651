import type { KubeObject } from '@virtplane/resources';
import type { AdmissionPlugin } from '@virtplane/runtime';
import { forbidden } from '../errors.ts';
import type { AdmissionSources } from './sources.ts';

const PROTECTION: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

/** Volumes and claims in use are not removed under their users. Source: kube-apiserver StorageObjectInUseProtection. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  phase: 'mutating',
  handles: (r) =>
    r.operation === 'CREATE' && r.group === '' && r.subresource === undefined && PROTECTION[r.resource] !== undefined,
  admit({ object, resource }) {
    const finalizer = PROTECTION[resource] ?? '';
    const finalizers = object?.metadata?.finalizers ?? [];
    if (finalizers.includes(finalizer)) return {};
    return { object: { ...object, metadata: { ...object?.metadata, finalizers: [...finalizers, finalizer] } } };
  },
};

interface Claim extends KubeObject {
  spec?: { storageClassName?: string };
}

const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** A claim that names no class gets the default one. Source: kube-apiserver 1.25 DefaultStorageClass. */
export const defaultStorageClass = (sources: AdmissionSources): AdmissionPlugin => ({
  name: 'DefaultStorageClass',
  phase: 'mutating',
  handles: (r) =>
    r.operation === 'CREATE' &&
    r.group === '' &&
    r.resource === 'persistentvolumeclaims' &&
    r.subresource === undefined &&
    (r.object as Claim).spec?.storageClassName === undefined &&
    r.object?.metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] === undefined,
  admit(request) {
    const defaults = sources
      .list('storage.k8s.io', 'storageclasses')
      .filter((c) => DEFAULT_ANNOTATIONS.some((a) => c.metadata?.annotations?.[a] === 'true'));
    if (defaults.length > 1)
      return {
        denied: forbidden(
          request,
          request.name,
          `Internal error occurred: ${defaults.length} default StorageClasses were found`,
        ),
      };
    const name = defaults[0]?.metadata?.name;
    if (name === undefined) return {};
    const claim = request.object as Claim;
    const changed: Claim = { ...claim, spec: { ...claim.spec, storageClassName: name } };
    return { object: changed };
  },
});
