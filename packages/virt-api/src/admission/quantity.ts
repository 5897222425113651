import { Quantity, QuantityError } from '@virtplane/resources';

/** Admission compares quantities in thousandths: exact for every amount of memory and CPU that can be asked for. */
export const UNIT = 1000n;

export type ParsedQuantity = { readonly milli: bigint } | { readonly error: string };

/** Reads a quantity, or tells with Kubernetes' sentence why it is none. */
export function parseQuantity(text: string): ParsedQuantity {
  try {
    return { milli: Quantity.parse(text).milliValue() };
  } catch (error) {
    if (error instanceof QuantityError) return { error: error.message };
    throw error;
  }
}

/** An amount that the schema has accepted already; 0 when absent. */
export function milliOf(quantity: string | undefined): bigint {
  return quantity === undefined ? 0n : (Quantity.tryParse(quantity)?.milliValue() ?? 0n);
}

export const ceilUnits = (milli: bigint): bigint => (milli + UNIT - 1n) / UNIT;
