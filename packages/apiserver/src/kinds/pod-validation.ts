import {
  type Container,
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  isEnvVarName,
  notFound,
  type PodSpec,
  required,
  type Volume,
} from '@virtplane/resources';
import { checkLabel, checkNotNegative, checkQualifiedName, isEqual } from './checks.ts';
import { checkResources } from './resource-checks.ts';
import { checkAffinity, checkSpreadConstraints, checkTolerations } from './scheduling-checks.ts';

/** Source: kubernetes ValidatePodSpec; required members and enums are checked with the schema. */
export function checkPodSpec(path: string, spec: PodSpec | undefined): FieldError[] {
  if (!spec) return [required(`${path}.containers`)];
  const errors: FieldError[] = [];
  const volumes = new Set<string>();
  spec.volumes?.forEach((volume, index) => {
    errors.push(...checkVolume(`${path}.volumes[${index}]`, volume, volumes));
  });
  const names = new Set<string>();
  spec.containers?.forEach((container, index) => {
    errors.push(...checkContainer(`${path}.containers[${index}]`, container, names, volumes));
  });
  spec.initContainers?.forEach((container, index) => {
    errors.push(...checkContainer(`${path}.initContainers[${index}]`, container, names, volumes));
  });
  for (const [key] of Object.entries(spec.nodeSelector ?? {}))
    errors.push(...checkQualifiedName(`${path}.nodeSelector`, key));
  if (spec.hostname) errors.push(...checkLabel(`${path}.hostname`, spec.hostname));
  if (spec.subdomain) errors.push(...checkLabel(`${path}.subdomain`, spec.subdomain));
  errors.push(...checkTolerations(`${path}.tolerations`, spec.tolerations));
  errors.push(...checkAffinity(`${path}.affinity`, spec.affinity));
  errors.push(...checkSpreadConstraints(`${path}.topologySpreadConstraints`, spec.topologySpreadConstraints));
  errors.push(...checkNotNegative(`${path}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds));
  if (spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds < 1) {
    errors.push(
      invalid(
        `${path}.activeDeadlineSeconds`,
        spec.activeDeadlineSeconds,
        'must be between 1 and 2147483647, inclusive',
      ),
    );
  }
  if (spec.dnsPolicy === 'None' && !spec.dnsConfig?.nameservers?.length) {
    errors.push(
      required(`${path}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
    );
  }
  return errors;
}

function checkVolume(path: string, volume: Volume, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (volume.name) {
    errors.push(...checkLabel(`${path}.name`, volume.name));
    if (names.has(volume.name)) errors.push(duplicate(`${path}.name`, volume.name));
    names.add(volume.name);
  }
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) errors.push(required(path, 'must specify a volume type'));
  for (const extra of sources.slice(1)) {
    errors.push(forbidden(`${path}.${extra}`, 'may not specify more than 1 volume type'));
  }
  if (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName) {
    errors.push(required(`${path}.persistentVolumeClaim.claimName`));
  }
  return errors;
}

function checkContainer(
  path: string,
  container: Container,
  names: Set<string>,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (container.name) {
    errors.push(...checkLabel(`${path}.name`, container.name));
    if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
  }
  if (!container.image) errors.push(required(`${path}.image`));
  else if (container.image.trim() !== container.image) {
    errors.push(invalid(`${path}.image`, container.image, 'must not have leading or trailing whitespace'));
  }
  checkPorts(path, container, errors);
  container.env?.forEach((variable, index) => {
    if (variable.name) {
      errors.push(
        ...isEnvVarName(variable.name).map((fault) => invalid(`${path}.env[${index}].name`, variable.name, fault)),
      );
    }
    if (variable.value && variable.valueFrom) {
      errors.push(invalid(`${path}.env[${index}].valueFrom`, '', 'may not be specified when `value` is not empty'));
    }
  });
  const mountPaths = new Set<string>();
  container.volumeMounts?.forEach((mount, index) => {
    const here = `${path}.volumeMounts[${index}]`;
    if (mount.name && !volumes.has(mount.name)) errors.push(notFound(`${here}.name`, mount.name));
    if (mountPaths.has(mount.mountPath)) errors.push(invalid(`${here}.mountPath`, mount.mountPath, 'must be unique'));
    mountPaths.add(mount.mountPath);
    if (mount.subPath && (mount.subPath.startsWith('/') || mount.subPath.split('/').includes('..'))) {
      errors.push(
        invalid(
          `${here}.subPath`,
          mount.subPath,
          mount.subPath.startsWith('/') ? 'must be a relative path' : "must not contain '..'",
        ),
      );
    }
  });
  container.volumeDevices?.forEach((device, index) => {
    if (device.name && !volumes.has(device.name))
      errors.push(notFound(`${path}.volumeDevices[${index}].name`, device.name));
  });
  errors.push(...checkResources(`${path}.resources`, container.resources?.limits, container.resources?.requests));
  return errors;
}

function checkPorts(path: string, container: Container, errors: FieldError[]): void {
  const names = new Set<string>();
  container.ports?.forEach((port, index) => {
    const here = `${path}.ports[${index}]`;
    if (port.name) {
      if (names.has(port.name)) errors.push(duplicate(`${here}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${here}.containerPort`));
    else errors.push(...checkPort(`${here}.containerPort`, port.containerPort));
    if (port.hostPort) errors.push(...checkPort(`${here}.hostPort`, port.hostPort));
  });
}

export const checkPort = (path: string, port: number): FieldError[] =>
  port >= 1 && port <= 65_535 ? [] : [invalid(path, port, 'must be between 1 and 65535, inclusive')];

const ONLY_THESE_CHANGE =
  'pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing tolerations) or `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Source: kubernetes ValidatePodUpdate. */
export function checkPodSpecUpdate(spec: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (old[list]?.length ?? 0)) {
      return [forbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
    }
  }
  const deadline = spec.activeDeadlineSeconds;
  if (old.activeDeadlineSeconds !== undefined) {
    if (deadline === undefined)
      errors.push(
        invalid('spec.activeDeadlineSeconds', deadline, 'must not update from a positive integer to nil value'),
      );
    else if (deadline > old.activeDeadlineSeconds) {
      errors.push(invalid('spec.activeDeadlineSeconds', deadline, 'must be less than or equal to previous value'));
    }
  }
  const isKept = (toleration: NonNullable<PodSpec['tolerations']>[number]): boolean =>
    (spec.tolerations ?? []).some((other) =>
      isEqual({ ...other, tolerationSeconds: 0 }, { ...toleration, tolerationSeconds: 0 }),
    );
  if (!(old.tolerations ?? []).every(isKept)) {
    errors.push(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
  }
  if (!isEqual(changeable(spec), changeable(old))) errors.push(forbidden('spec', ONLY_THESE_CHANGE));
  return errors;
}

/** The spec without what may change. */
function changeable(spec: PodSpec): Record<string, unknown> {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, terminationGracePeriodSeconds, ...rest } = spec;
  const withoutImage = ({ image: _image, ...container }: Container) => container;
  return {
    ...rest,
    containers: spec.containers?.map(withoutImage),
    initContainers: spec.initContainers?.map(withoutImage),
    terminationGracePeriodSeconds: terminationGracePeriodSeconds === 1 ? 1 : terminationGracePeriodSeconds,
  };
}
