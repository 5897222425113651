import {
  type FieldError,
  forbidden,
  invalid,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  type LabelSelector,
  Quantity,
  required,
} from '@virtplane/resources';
import { isEqual } from '../patch/json-patch.ts';

/** Go's generateName rule: a prefix may end in what a name may not. Source: apimachinery NameIsDNSSubdomain. */
const withoutTrailingDash = (name: string, prefix: boolean): string => (prefix ? name.replace(/-$/, 'a') : name);

export const subdomainName = (name: string, prefix: boolean): string[] =>
  isDns1123Subdomain(withoutTrailingDash(name, prefix));
export const labelName = (name: string, prefix: boolean): string[] => isDns1123Label(withoutTrailingDash(name, prefix));

export const checkLabel = (path: string, value: string): FieldError[] =>
  isDns1123Label(value).map((fault) => invalid(path, value, fault));

export const checkQualifiedName = (path: string, value: string): FieldError[] =>
  isQualifiedName(value).map((fault) => invalid(path, value, fault));

/** A resource amount: a quantity that is not negative. */
export function checkAmount(path: string, amount: string): FieldError[] {
  const quantity = Quantity.tryParse(amount);
  return quantity && quantity.sign() < 0 ? [invalid(path, amount, 'must be greater than or equal to 0')] : [];
}

export function checkNotNegative(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];
}

/** Source: apimachinery ValidateLabelSelector. */
export function checkLabelSelector(path: string, selector: LabelSelector | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(selector?.matchLabels ?? {})) {
    errors.push(...isQualifiedName(key).map((fault) => invalid(`${path}.matchLabels`, key, fault)));
  }
  selector?.matchExpressions?.forEach((requirement, index) => {
    const here = `${path}.matchExpressions[${index}]`;
    const count = requirement.values?.length ?? 0;
    const { operator } = requirement;
    if ((operator === 'In' || operator === 'NotIn') && count === 0) {
      errors.push(required(`${here}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if ((operator === 'Exists' || operator === 'DoesNotExist') && count > 0) {
      errors.push(forbidden(`${here}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
    if (requirement.key)
      errors.push(...isQualifiedName(requirement.key).map((fault) => invalid(`${here}.key`, requirement.key, fault)));
  });
  return errors;
}

/** A member that can't be changed once it is set. Source: apimachinery ValidateImmutableField. */
export const checkImmutable = (path: string, value: unknown, old: unknown): FieldError[] =>
  isEqual(value ?? null, old ?? null) ? [] : [invalid(path, value, 'field is immutable')];

export { isEqual };
