import { type FlagSpec, type FlagValues, parseFlags, UsageError } from './flags.ts';

export interface Invocation {
  readonly args: readonly string[];
  readonly flags: FlagValues;
  readonly given: ReadonlySet<string>;
}

/** A command's code, loaded only when it runs. Resolves with the exit code. */
export interface CommandModule {
  run(invocation: Invocation): Promise<number>;
}

export interface Command {
  readonly name: string;
  /** Arguments as help shows them: `(VM)`. */
  readonly usage?: string;
  readonly summary: string;
  readonly examples?: readonly string[];
  readonly flags?: Readonly<Record<string, FlagSpec>>;
  readonly minArgs?: number;
  readonly maxArgs?: number;
  readonly hidden?: boolean;
  load?(): Promise<CommandModule>;
  readonly commands?: readonly Command[];
}

/** Typed reading of flags; a flag that is not declared as that type is a programming error. */
export const stringFlag = (flags: FlagValues, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
};
export const booleanFlag = (flags: FlagValues, name: string): boolean => flags[name] === true;
export const integerFlag = (flags: FlagValues, name: string): number | undefined => {
  const value = flags[name];
  return typeof value === 'number' ? value : undefined;
};

const help: FlagSpec = { type: 'boolean', short: 'h', description: 'show this help' };

export interface RunOptions {
  /** Exit code for wrong usage. */
  readonly usageExitCode: number;
  /** Flags that every command takes. */
  readonly globalFlags?: Readonly<Record<string, FlagSpec>>;
  readonly write?: (text: string) => void;
  readonly writeError?: (text: string) => void;
}

/**
 * Runs a tree of commands. Errors that a command throws are printed as one sentence on stderr (exit code 1); their stack only
 * with VIRTPLANE_LOG=debug.
 */
export async function runCommand(root: Command, argv: readonly string[], options: RunOptions): Promise<number> {
  const write = options.write ?? ((text: string) => process.stdout.write(text));
  const writeError = options.writeError ?? ((text: string) => process.stderr.write(text));
  const trail = [root];
  let rest = argv;
  try {
    for (;;) {
      const command = trail[trail.length - 1] as Command;
      const flags = { ...options.globalFlags, ...command.flags, help };
      if (!command.commands) {
        const parsed = parseFlags(rest, flags);
        if (parsed.flags.help === true) {
          write(helpText(trail, options));
          return 0;
        }
        checkArguments(command, parsed.args);
        if (!command.load) throw new Error(`command ${command.name} has no code`);
        const module = await command.load();
        return await module.run(parsed);
      }
      const parsed = parseFlags(rest, flags, true);
      const [word, ...after] = parsed.args;
      if (word === undefined || parsed.flags.help === true || word === 'help') {
        write(helpText(trail, options));
        return word === undefined && parsed.flags.help !== true && trail.length > 1 ? options.usageExitCode : 0;
      }
      const next = command.commands.find((c) => c.name === word);
      if (!next) throw new UsageError(`unknown command "${word}" for "${trail.map((c) => c.name).join(' ')}"`);
      // Global flags before the command's name count for the command.
      const before = rest.slice(0, rest.length - parsed.args.length);
      trail.push(next);
      rest = [...before, ...after];
    }
  } catch (error) {
    if (error instanceof UsageError) {
      writeError(`${error.message}\nRun '${trail.map((c) => c.name).join(' ')} --help' for usage.\n`);
      return options.usageExitCode;
    }
    writeError(`${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.VIRTPLANE_LOG === 'debug' && error instanceof Error) writeError(`${error.stack}\n`);
    return 1;
  }
}

function checkArguments(command: Command, args: readonly string[]): void {
  const min = command.minArgs ?? 0;
  const max = command.maxArgs ?? min;
  if (args.length < min)
    throw new UsageError(`argument validation failed: ${command.name} needs ${command.usage ?? 'more arguments'}`);
  if (args.length > max) {
    throw new UsageError(
      `argument validation failed: ${command.name} takes ${max === 0 ? 'no arguments' : (command.usage ?? `${max}`)}, got ${args.length}`,
    );
  }
}

function helpText(trail: readonly Command[], options: RunOptions): string {
  const command = trail[trail.length - 1] as Command;
  const path = trail.map((c) => c.name).join(' ');
  const lines = [
    command.summary,
    '',
    'Usage:',
    `  ${path}${command.commands ? ' COMMAND' : ''}${command.usage ? ` ${command.usage}` : ''} [flags]`,
  ];
  if (command.examples?.length) lines.push('', 'Examples:', ...command.examples.map((e) => `  ${e}`));
  const visible = command.commands?.filter((c) => !c.hidden) ?? [];
  if (visible.length > 0) {
    const width = Math.max(...visible.map((c) => c.name.length));
    lines.push('', 'Commands:', ...visible.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`));
  }
  const section = (title: string, flags: Readonly<Record<string, FlagSpec>> | undefined): void => {
    const rows = Object.entries(flags ?? {}).map(([name, f]) => [flagTitle(name, f), describe(f)] as const);
    if (rows.length === 0) return;
    const width = Math.max(...rows.map(([t]) => t.length));
    lines.push('', title, ...rows.map(([t, d]) => `  ${t.padEnd(width)}  ${d}`));
  };
  section('Flags:', { ...command.flags, help });
  section('Global flags:', options.globalFlags);
  return `${lines.join('\n')}\n`;
}

const flagTitle = (name: string, f: FlagSpec): string =>
  `${f.short ? `-${f.short}, ` : '    '}--${name}${f.type === 'boolean' ? '' : ` ${f.placeholder ?? f.type.toUpperCase()}`}`;
const describe = (f: FlagSpec): string =>
  f.default === undefined || f.default === false || f.default === ''
    ? f.description
    : `${f.description} (default ${f.default})`;
