/** For unit tests only: nothing here may be imported by what runs. */
export { InMemoryApi } from './in-memory-api.ts';
export { createManualClock, type ManualClock } from './manual-clock.ts';
export {
  createTestContext,
  eventually,
  type LogEntry,
  type RecordedEvent,
  recordingLogger,
  type TestContext,
  type TestContextOptions,
} from './test-context.ts';
