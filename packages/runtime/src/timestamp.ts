/** Kubernetes' meta/v1 Time: RFC 3339 with seconds. */
export const timestamp = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 19)}Z`;

/** Kubernetes' meta/v1 MicroTime: RFC 3339 with microseconds. */
export const microTimestamp = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 23)}000Z`;
