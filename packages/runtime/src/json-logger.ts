import { StatusError } from '@virtplane/resources';
import { type DestinationStream, destination, type Logger as PinoLogger, pino } from 'pino';
import type { Logger } from './log.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

const isLevel = (text: string): text is LogLevel => (levels as readonly string[]).includes(text);

export interface JsonLoggerOptions {
  /** Which process: `virtplane-server`. */
  readonly name: string;
  /** Least level written; default: environment variable VIRTPLANE_LOG, else `info`. */
  readonly level?: LogLevel;
  /** Default: stderr, written before the call returns, so that a crash loses nothing. */
  readonly stream?: DestinationStream;
}

/** One JSON line a record: `{"level":"info","time":"…","name":…,"msg":…,…fields}`. */
export function createJsonLogger(options: JsonLoggerOptions): Logger {
  const wanted = options.level ?? process.env.VIRTPLANE_LOG ?? 'info';
  const level = isLevel(wanted) ? wanted : 'info';
  const logger = pino(
    {
      name: options.name,
      level,
      base: { name: options.name },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: plainError },
    },
    options.stream ?? destination({ fd: 2, sync: true }),
  );
  if (level !== wanted) logger.warn({ given: wanted, known: levels }, 'VIRTPLANE_LOG names no level; using info');
  return wrap(logger);
}

const wrap = (logger: PinoLogger): Logger => ({
  debug: (message, fields) => logger.debug(fields ?? {}, message),
  info: (message, fields) => logger.info(fields ?? {}, message),
  warn: (message, fields) => logger.warn(fields ?? {}, message),
  error: (message, fields) => logger.error(fields ?? {}, message),
  child: (fields) => wrap(logger.child(fields)),
});

/**
 * Message, code, cause and stack only: errors may carry requests and credentials in other properties. A server's refusal says
 * all in its message; where it was thrown tells nothing.
 */
function plainError(error: unknown): unknown {
  if (error instanceof StatusError) return { message: error.message, code: error.code, reason: error.reason };
  if (!(error instanceof Error)) return error;
  const { code } = error as Error & { code?: unknown };
  return {
    message: error.message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(error.cause instanceof Error && { cause: error.cause.message }),
    stack: error.stack,
  };
}
