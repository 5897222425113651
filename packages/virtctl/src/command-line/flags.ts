/**
 * Flags as pflag reads them, because virtctl's users and scripts write them so: `--name value`, `--name=value`, `-n value`,
 * `-nvalue`, `--bool`, `--bool=false`, flags and arguments in any order, `--` ends flags.
 */
export interface FlagSpec {
  readonly type: 'string' | 'boolean' | 'integer' | 'strings';
  readonly description: string;
  /** One letter. */
  readonly short?: string;
  readonly default?: string | boolean | number;
  /** What stands for the value in help: `DIR`. */
  readonly placeholder?: string;
}

export type FlagValue = string | boolean | number | readonly string[] | undefined;
export type FlagValues = Readonly<Record<string, FlagValue>>;

/** Wrong usage: exit code 2 (virtplane) or 1 (virtctl), one sentence. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export interface Parsed {
  readonly flags: FlagValues;
  readonly args: readonly string[];
  /** Names that were given, not defaulted. */
  readonly given: ReadonlySet<string>;
}

const booleans: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/** `stopAtArgument`: the first non-flag ends parsing (a group of commands), the rest is returned as arguments. */
export function parseFlags(
  argv: readonly string[],
  specs: Readonly<Record<string, FlagSpec>>,
  stopAtArgument = false,
): Parsed {
  const flags: Record<string, FlagValue> = {};
  const args: string[] = [];
  const given = new Set<string>();
  for (const [name, spec] of Object.entries(specs)) if (spec.default !== undefined) flags[name] = spec.default;
  const byShort = new Map(Object.entries(specs).flatMap(([name, s]) => (s.short ? [[s.short, name] as const] : [])));

  const set = (name: string, spec: FlagSpec, shown: string, text: string): void => {
    if (spec.type === 'strings') {
      const before = given.has(name) ? (flags[name] as readonly string[]) : [];
      flags[name] = [...before, text];
    } else if (spec.type === 'integer') {
      if (!/^[+-]?\d+$/.test(text))
        throw new UsageError(`invalid argument "${text}" for "${shown}" flag: not a whole number`);
      flags[name] = Number(text);
    } else if (spec.type === 'boolean') {
      const value = booleans[text];
      if (value === undefined)
        throw new UsageError(`invalid argument "${text}" for "${shown}" flag: neither true nor false`);
      flags[name] = value;
    } else flags[name] = text;
    given.add(name);
  };

  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      args.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      if (stopAtArgument) {
        args.push(...argv.slice(i));
        break;
      }
      args.push(word);
      continue;
    }
    let name: string;
    let inline: string | undefined;
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      inline = equals < 0 ? undefined : word.slice(equals + 1);
    } else {
      name = byShort.get(word[1] as string) ?? '';
      inline = word.length > 2 ? word.slice(word[2] === '=' ? 3 : 2) : undefined;
    }
    const spec = specs[name];
    if (!spec) throw new UsageError(`unknown flag: ${word.split('=')[0]}`);
    const shown = spec.short ? `-${spec.short}, --${name}` : `--${name}`;
    if (inline === undefined && spec.type === 'boolean') inline = 'true';
    if (inline === undefined) {
      inline = argv[++i];
      if (inline === undefined) throw new UsageError(`flag needs an argument: --${name}`);
    }
    set(name, spec, shown, inline);
  }
  return { flags, args, given };
}
