import { expect, test } from 'vitest';
import { MetricsRegistry, registerProcessMetrics } from './metrics.ts';

test('Prometheus text', () => {
  const registry = new MetricsRegistry();
  const requests = registry.counter('requests_total', 'Requests.', ['code']);
  requests.add(['200']);
  requests.add(['200'], 2);
  requests.add(['a"b\n\\']);
  registry.gauge('depth', 'Depth.').set([], 4);
  const seconds = registry.histogram('seconds', 'Time.', ['name'], [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(['x'], value);
  expect(registry.exposition()).toBe(`# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200"} 3
requests_total{code="a\\"b\\n\\\\"} 1
# HELP depth Depth.
# TYPE depth gauge
depth 4
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{name="x",le="0.1"} 2
seconds_bucket{name="x",le="1"} 3
seconds_bucket{name="x",le="+Inf"} 4
seconds_sum{name="x"} 3.65
seconds_count{name="x"} 4
`);
  expect(() => registry.counter('depth', 'Again.')).toThrow('metric depth is already registered');
});

test('process metrics are numbers', () => {
  const registry = new MetricsRegistry();
  registerProcessMetrics(registry);
  const rss = /^process_resident_memory_bytes (\d+)$/m.exec(registry.exposition());
  expect(Number(rss?.[1])).toBeGreaterThan(1e6);
  expect(registry.exposition()).not.toContain('NaN');
});
