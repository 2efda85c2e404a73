/** What a load generator is told, and what it tells. */
export interface LoadJob {
  readonly host: string;
  readonly port: number;
  /** Raw requests, sent in turn. */
  readonly requests: readonly string[];
  /** Stands in every good answer: a fast refusal is not a result. */
  readonly expect: string;
  readonly connections: number;
  readonly seconds: number;
  /** Not counted. */
  readonly warmupSeconds: number;
  /** Requests a second at fixed moments, whatever the answers do; absent: each connection as fast as it is answered. */
  readonly rate?: number;
  /** Never sends a request twice; ends early when all are sent. */
  readonly once?: boolean;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly count: number;
  readonly bad: number;
  /** Refused for a full queue; the next request of that connection waited a second. */
  readonly shed: number;
  readonly firstBad: string | undefined;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}
