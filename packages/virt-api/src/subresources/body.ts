import { badRequest } from './refusals.ts';

export type Body = Readonly<Record<string, unknown>>;

const unreadable = (error: string) => badRequest(`Can not unmarshal Request body to struct, error: ${error}`);

/**
 * The options that come with a verb. Clients send JSON without saying so; YAML is read too. An empty body means no options.
 */
export async function readOptions(body: Buffer): Promise<Body> {
  const text = body.toString('utf8').trim();
  if (text === '') return {};
  const value = await parse(text);
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw unreadable(`${Array.isArray(value) ? 'a list' : `a ${typeof value}`} instead of an object`);
  return value as Body;
}

async function parse(text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { parse: parseYaml, YAMLError } = await import('yaml');
    try {
      return parseYaml(text, { maxAliasCount: 10, logLevel: 'error' });
    } catch (yamlError) {
      if (yamlError instanceof YAMLError || yamlError instanceof ReferenceError)
        throw unreadable(error instanceof Error ? error.message : String(error));
      throw yamlError;
    }
  }
}

const mismatch = (name: string, value: unknown, type: string) =>
  unreadable(
    `json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into field ${name} of type ${type}`,
  );

export function booleanOption(body: Body, name: string): boolean {
  const value = body[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw mismatch(name, value, 'bool');
  return value;
}

export function integerOption(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw mismatch(name, value, 'int64');
  return value;
}

export function stringOption(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw mismatch(name, value, 'string');
  return value;
}

/** `dryRun: ["All"]`: every check, no effect. */
export function isDryRun(body: Body): boolean {
  const value = body.dryRun;
  if (value === undefined || value === null) return false;
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string'))
    throw mismatch('dryRun', value, '[]string');
  const unknown = value.find((item) => item !== 'All');
  if (unknown !== undefined)
    throw badRequest(`Invalid value: ${JSON.stringify(value)}: dryRun can only have one value: "All"`);
  return value.length > 0;
}
