import { monitorEventLoopDelay } from 'node:perf_hooks';

type Labels = readonly string[];

interface Family {
  expose(lines: string[]): void;
}

export interface Counter {
  /** Label values in the order of the declared names. */
  add(labels: Labels, amount?: number): void;
}

export interface Gauge {
  set(labels: Labels, value: number): void;
  remove(labels: Labels): void;
}

export interface Histogram {
  observe(labels: Labels, value: number): void;
}

/** Upper bounds in seconds, from a cached read to a slow migration. */
const defaultBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

const escapeValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

const labelText = (names: readonly string[], values: Labels, extra = ''): string => {
  const parts = names.map((name, i) => `${name}="${escapeValue(values[i] ?? '')}"`);
  if (extra !== '') parts.push(extra);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
};

const header = (lines: string[], name: string, help: string, type: string): void => {
  lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`);
};

/** Numbers by label values, with Prometheus' text exposition (format 0.0.4). */
export class MetricsRegistry {
  readonly #families = new Map<string, Family>();

  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const values = new Map<string, { labels: Labels; value: number }>();
    this.#register(name, {
      expose(lines) {
        header(lines, name, help, 'counter');
        for (const { labels, value } of values.values()) lines.push(`${name}${labelText(labelNames, labels)} ${value}`);
      },
    });
    return {
      add(labels, amount = 1) {
        const key = labels.join('\0');
        const entry = values.get(key);
        if (entry) entry.value += amount;
        else values.set(key, { labels, value: amount });
      },
    };
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    const values = new Map<string, { labels: Labels; value: number }>();
    this.#register(name, {
      expose(lines) {
        header(lines, name, help, 'gauge');
        for (const { labels, value } of values.values()) lines.push(`${name}${labelText(labelNames, labels)} ${value}`);
      },
    });
    return {
      set: (labels, value) => values.set(labels.join('\0'), { labels, value }),
      remove: (labels) => values.delete(labels.join('\0')),
    };
  }

  /** A gauge without labels that is read when it is asked for. */
  measured(name: string, help: string, read: () => number): void {
    this.#register(name, {
      expose(lines) {
        header(lines, name, help, 'gauge');
        lines.push(`${name} ${read()}`);
      },
    });
  }

  histogram(name: string, help: string, labelNames: readonly string[] = [], buckets = defaultBuckets): Histogram {
    const values = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();
    this.#register(name, {
      expose(lines) {
        header(lines, name, help, 'histogram');
        for (const { labels, counts, sum, count } of values.values()) {
          let below = 0;
          for (const [i, bound] of buckets.entries()) {
            below += counts[i] ?? 0;
            lines.push(`${name}_bucket${labelText(labelNames, labels, `le="${bound}"`)} ${below}`);
          }
          lines.push(`${name}_bucket${labelText(labelNames, labels, 'le="+Inf"')} ${count}`);
          lines.push(`${name}_sum${labelText(labelNames, labels)} ${sum}`);
          lines.push(`${name}_count${labelText(labelNames, labels)} ${count}`);
        }
      },
    });
    return {
      observe(labels, value) {
        const key = labels.join('\0');
        let entry = values.get(key);
        if (!entry) {
          entry = { labels, counts: buckets.map(() => 0), sum: 0, count: 0 };
          values.set(key, entry);
        }
        entry.sum += value;
        entry.count++;
        const index = buckets.findIndex((bound) => value <= bound);
        if (index >= 0) entry.counts[index] = (entry.counts[index] ?? 0) + 1;
      },
    };
  }

  /** What `GET /metrics` answers, as `text/plain; version=0.0.4`. */
  exposition(): string {
    const lines: string[] = [];
    for (const family of this.#families.values()) family.expose(lines);
    return `${lines.join('\n')}\n`;
  }

  #register(name: string, family: Family): void {
    if (this.#families.has(name)) throw new Error(`metric ${name} is already registered`);
    this.#families.set(name, family);
  }
}

/** The process's registry. */
export const metrics = new MetricsRegistry();

/** Adds memory, CPU and event-loop delay of this process. Call once a process. */
export function registerProcessMetrics(registry: MetricsRegistry = metrics): void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  registry.measured('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  registry.measured('process_cpu_seconds_total', 'User and system CPU time spent.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  registry.measured(
    'nodejs_eventloop_lag_p99_seconds',
    'Event-loop delay, 99th percentile since the last reading.',
    () => {
      const seconds = delay.percentile(99) / 1e9;
      delay.reset();
      return Number.isFinite(seconds) ? seconds : 0;
    },
  );
}
