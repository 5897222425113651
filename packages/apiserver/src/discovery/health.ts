import type { ApiAnswer } from '../http/request.ts';

/** Throws or rejects while something is wrong; why is for the log only. */
export type HealthCheck = () => void | Promise<void>;

export interface Health {
  /** `undefined`: not a health path. */
  handle(path: string, query: URLSearchParams): Promise<ApiAnswer> | undefined;
  paths(): string[];
}

export interface HealthOptions {
  /** Checks by name; `livez` leaves out those that only say whether requests can be served yet. */
  readonly checks: ReadonlyMap<string, HealthCheck>;
  readonly readyOnly: ReadonlySet<string>;
  readonly onFailure: (check: string, error: unknown) => void;
}

const contentType = 'text/plain; charset=utf-8';
const roots = ['healthz', 'livez', 'readyz'];

/** `/healthz`, `/livez`, `/readyz` and a path for each check. Source: apiserver healthz. */
export function createHealth({ checks, readyOnly, onFailure }: HealthOptions): Health {
  const namesOf = (root: string): string[] =>
    [...checks.keys()].filter((name) => root === 'readyz' || !readyOnly.has(name));

  const passes = async (name: string): Promise<boolean> => {
    try {
      await checks.get(name)?.();
      return true;
    } catch (error) {
      onFailure(name, error);
      return false;
    }
  };

  async function report(root: string, query: URLSearchParams): Promise<ApiAnswer> {
    const names = namesOf(root);
    const excluded = new Set(query.getAll('exclude'));
    let failed = false;
    let text = '';
    for (const name of names) {
      if (excluded.delete(name)) text += `[+]${name} excluded: ok\n`;
      else if (await passes(name)) text += `[+]${name} ok\n`;
      else {
        failed = true;
        text += `[-]${name} failed: reason withheld\n`;
      }
    }
    if (excluded.size > 0) {
      const list = [...excluded].sort().map((name) => JSON.stringify(name));
      text += `warn: some health checks cannot be excluded: no matches for ${list.join(', ')}\n`;
    }
    if (failed) return { kind: 'text', code: 500, text: `${text}${root} check failed\n`, contentType };
    if (!query.has('verbose')) return { kind: 'text', code: 200, text: 'ok', contentType };
    return { kind: 'text', code: 200, text: `${text}${root} check passed\n`, contentType };
  }

  async function single(name: string): Promise<ApiAnswer> {
    return (await passes(name))
      ? { kind: 'text', code: 200, text: 'ok', contentType }
      : { kind: 'text', code: 500, text: `internal server error: check ${name} failed\n`, contentType };
  }

  return {
    handle(path, query) {
      const end = path.indexOf('/', 1);
      const root = path.slice(1, end < 0 ? undefined : end);
      if (!roots.includes(root)) return undefined;
      const name = end < 0 ? '' : path.slice(end + 1);
      if (name === '') return report(root, query);
      return namesOf(root).includes(name) ? single(name) : undefined;
    },
    paths: () => roots.flatMap((root) => [`/${root}`, ...namesOf(root).map((name) => `/${root}/${name}`)]),
  };
}
