import {
  duplicate,
  type Endpoints,
  type FieldError,
  invalid,
  isDns1035Label,
  required,
  type Service,
} from '@virtplane/resources';
import { checkLabel } from './checks.ts';
import { AGE, column, labelsText, NAME, NONE, wide } from './columns.ts';
import { checkPort } from './pod-validation.ts';
import type { Strategy } from './strategy.ts';

/** Source: kubernetes ValidateService. */
function checkService(service: Service): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = service;
  const isHeadless = spec?.clusterIP === 'None';
  const isExternal = spec?.type === 'ExternalName';
  if (isExternal && !spec.externalName) errors.push(required('spec.externalName'));
  if (!isHeadless && !isExternal && !spec?.ports?.length) errors.push(required('spec.ports'));
  const names = new Set<string>();
  const ports = new Set<string>();
  spec?.ports?.forEach((port, index) => {
    const path = `spec.ports[${index}]`;
    if (port.name) {
      errors.push(...checkLabel(`${path}.name`, port.name));
      if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
      names.add(port.name);
    } else if ((spec.ports?.length ?? 0) > 1) errors.push(required(`${path}.name`));
    errors.push(...checkPort(`${path}.port`, port.port));
    const identity = `${port.port}/${port.protocol}`;
    if (ports.has(identity))
      errors.push({
        type: 'FieldValueDuplicate',
        field: path,
        message: `Duplicate value: ${JSON.stringify(identity)}`,
      });
    ports.add(identity);
  });
  return errors;
}

function externalIp(service: Service): string {
  const { spec, status } = service;
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  const outside = spec.externalIPs ?? [];
  if (spec.type === 'LoadBalancer') {
    const given = (status?.loadBalancer?.ingress ?? []).map((ingress) => ingress.ip || ingress.hostname || '');
    const all = [...given, ...outside];
    return all.length > 0 ? all.join(',') : '<pending>';
  }
  return outside.length > 0 ? outside.join(',') : NONE;
}

const portsText = (service: Service): string =>
  (service.spec.ports ?? [])
    .map((port) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol ?? 'TCP'}`)
    .join(',') || NONE;

/** Source: kubernetes pkg/registry/core/service. Addresses are given out by admission. */
export const serviceStrategy: Strategy = {
  validateName: (name, prefix) => isDns1035Label(prefix ? name.replace(/-$/, 'a') : name),
  applyDefaults(service: Service) {
    const { spec } = service;
    if (!spec) return;
    for (const port of spec.ports ?? []) port.targetPort ??= port.port;
    if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') spec.externalTrafficPolicy ??= 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
    if (spec.clusterIP) spec.clusterIPs ??= [spec.clusterIP];
  },
  prepareForCreate(service: Service) {
    service.status = { loadBalancer: {} };
  },
  prepareForUpdate(service: Service, old: Service) {
    if (old.status) service.status = old.status;
    // Addresses once given stay where the client leaves them out.
    if (service.spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName') {
      if (!service.spec.clusterIP && old.spec.clusterIP) service.spec.clusterIP = old.spec.clusterIP;
      if (!service.spec.clusterIPs && old.spec.clusterIPs) service.spec.clusterIPs = old.spec.clusterIPs;
    }
  },
  validate: checkService,
  validateUpdate(service: Service, old: Service) {
    const errors: FieldError[] = [];
    const { clusterIP } = service.spec;
    if (
      old.spec.clusterIP &&
      clusterIP !== old.spec.clusterIP &&
      service.spec.type !== 'ExternalName' &&
      old.spec.type !== 'ExternalName'
    ) {
      errors.push(invalid('spec.clusterIPs[0]', clusterIP, 'field is immutable'));
    }
    return errors;
  },
  columns: [
    NAME,
    column('Type', (service: Service) => service.spec.type ?? ''),
    column('Cluster-IP', (service: Service) => service.spec.clusterIP || NONE),
    column('External-IP', externalIp),
    column('Port(s)', portsText),
    AGE,
    wide('Selector', (service: Service) => labelsText(service.spec.selector)),
  ],
  generation: 'none',
  returnsDeletedObject: true,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
};

const MAX_SHOWN = 3;

/** Source: kubernetes formatEndpoints. */
function endpointsText(endpoints: Endpoints): string {
  const all = (endpoints.subsets ?? []).flatMap((subset) => {
    const ports = subset.ports ?? [];
    return (subset.addresses ?? []).flatMap((address) =>
      ports.length === 0
        ? [address.ip]
        : ports.map((port) =>
            address.ip.includes(':') ? `[${address.ip}]:${port.port}` : `${address.ip}:${port.port}`,
          ),
    );
  });
  if (all.length === 0) return NONE;
  const more = all.length - MAX_SHOWN;
  return `${all.slice(0, MAX_SHOWN).join(',')}${more > 0 ? ` + ${more} more...` : ''}`;
}

export const endpointsStrategy: Strategy = {
  columns: [NAME, column('Endpoints', endpointsText), AGE],
  generation: 'none',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
};
