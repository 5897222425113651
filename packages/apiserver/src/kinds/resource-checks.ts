import { type FieldError, invalid, isQualifiedName, Quantity, required } from '@virtplane/resources';
import { checkAmount } from './checks.ts';

type Amounts = Readonly<Record<string, string>> | undefined;

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isStandard = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Names of amounts of containers. Source: kubernetes validateContainerResourceName. */
function checkName(path: string, name: string): FieldError[] {
  const errors = isQualifiedName(name).map((fault) => invalid(path, name, fault));
  if (errors.length > 0) return errors;
  if (!name.includes('/')) {
    if (!CONTAINER_RESOURCES.has(name) && !isHugePages(name)) {
      errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
      errors.push(invalid(path, name, 'must be a standard resource for containers'));
    }
  } else if (name.startsWith('requests.')) {
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  }
  return errors;
}

/** Requests and limits of one container. Source: kubernetes ValidateResourceRequirements. */
export function checkResources(path: string, limits: Amounts, requests: Amounts): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(limits ?? {})) {
    errors.push(...checkName(`${path}.limits[${name}]`, name), ...checkAmount(`${path}.limits[${name}]`, amount));
    errors.push(...checkWhole(`${path}.limits[${name}]`, name, amount));
  }
  for (const [name, amount] of Object.entries(requests ?? {})) {
    errors.push(...checkName(`${path}.requests[${name}]`, name), ...checkAmount(`${path}.requests[${name}]`, amount));
    errors.push(...checkWhole(`${path}.requests[${name}]`, name, amount));
    const limit = limits?.[name];
    const wanted = Quantity.tryParse(amount);
    const allowed = limit === undefined ? undefined : Quantity.tryParse(limit);
    const mayOvercommit = isStandard(name) && !isHugePages(name);
    if (allowed && wanted) {
      if (!mayOvercommit && !wanted.equals(allowed)) {
        errors.push(invalid(`${path}.requests`, amount, `must be equal to ${name} limit`));
      } else if (wanted.cmp(allowed) > 0) {
        errors.push(invalid(`${path}.requests`, amount, `must be less than or equal to ${name} limit`));
      }
    } else if (!mayOvercommit) {
      errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
    }
  }
  return errors;
}

function checkWhole(path: string, name: string, amount: string): FieldError[] {
  if (isStandard(name)) return [];
  const quantity = Quantity.tryParse(amount);
  return quantity && quantity.milliValue() % 1000n !== 0n ? [invalid(path, amount, 'must be an integer')] : [];
}
