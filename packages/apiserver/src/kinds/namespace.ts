import type { Namespace } from '@virtplane/resources';
import { labelName } from './checks.ts';
import { AGE, column, NAME } from './columns.ts';
import type { Strategy } from './strategy.ts';

const KUBERNETES = 'kubernetes';

/** Source: kubernetes pkg/registry/core/namespace/strategy.go. */
export const namespaceStrategy: Strategy = {
  validateName: labelName,
  applyDefaults(namespace: Namespace) {
    const { name } = namespace.metadata;
    if (name) namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': name };
  },
  prepareForCreate(namespace: Namespace) {
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { finalizers: finalizers.includes(KUBERNETES) ? finalizers : [...finalizers, KUBERNETES] };
    namespace.status = { phase: 'Active' };
  },
  prepareForUpdate(namespace: Namespace, old: Namespace) {
    // Only `/finalize` takes finalizers of the spec away.
    if (old.spec) namespace.spec = old.spec;
    if (old.status) namespace.status = old.status;
  },
  selectableFields: (namespace: Namespace) => ({ 'status.phase': namespace.status?.phase ?? '' }),
  columns: [NAME, column('Status', (namespace: Namespace) => namespace.status?.phase ?? ''), AGE],
  generation: 'none',
  returnsDeletedObject: true,
  allowUnconditionalUpdate: true,
};
