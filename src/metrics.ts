/** The process's figures, in Prometheus form. Rooms add to these counters; the `/metrics` door prints them. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();
/** Ten looks at the event loop's delay a second: the default's hundred wake a service that does nothing, all day. */
const eventLoopMonitoringPrecision = 100;
collectDefaultMetrics({ register: registry, prefix: 'gatehouse_', eventLoopMonitoringPrecision });

const registers = [registry];

/** Password hashes computed, by purpose: `verify`, `decoy`, `create`. Cached and coalesced logins cost none. */
export const hashesComputed = new Counter({
  name: 'gatehouse_password_hashes_total',
  help: 'Password hashes computed by the pool',
  labelNames: ['purpose'],
  registers,
});

export const hashQueue = new Gauge({
  name: 'gatehouse_hash_queue',
  help: 'Hash jobs waiting for a worker',
  registers,
});

export const hashSeconds = new Histogram({
  name: 'gatehouse_hash_seconds',
  help: 'Time one hash took in a worker',
  buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2],
  registers,
});

/** Logins by the answer that the caller saw. */
export const logins = new Counter({
  name: 'gatehouse_logins_total',
  help: 'Login decisions',
  labelNames: ['store', 'decision'],
  registers,
});

export const checks = new Counter({
  name: 'gatehouse_session_checks_total',
  help: 'Session checks answered',
  registers,
});

export const checkQueries = new Counter({
  name: 'gatehouse_session_check_queries_total',
  help: 'Queries that answered the session checks; one serves all checks of an event-loop turn',
  registers,
});

export const agentsConnected = new Gauge({
  name: 'gatehouse_agents_connected',
  help: 'Agent order streams open on this node',
  registers,
});

export const mailsOut = new Counter({
  name: 'gatehouse_mails_total',
  help: 'Mails that left, or were given up',
  labelNames: ['kind', 'outcome'],
  registers,
});

export const messagesJudged = new Counter({
  name: 'gatehouse_messages_judged_total',
  help: 'Messages judged, by what came of it',
  labelNames: ['medium', 'verdict', 'flagged'],
  registers,
});

/** Flags opened on this node; repeats of an open one are not counted here. */
export const flagsRaised = new Counter({
  name: 'gatehouse_flags_raised_total',
  help: 'Flags raised',
  labelNames: ['kind'],
  registers,
});

export const flagsResolved = new Counter({
  name: 'gatehouse_flags_resolved_total',
  help: 'Flags that operators confirmed or dismissed, through this node',
  labelNames: ['kind', 'state'],
  registers,
});

export const flagsOpen = new Gauge({
  name: 'gatehouse_flags_open',
  help: 'Flags that wait for an operator, over all nodes',
  labelNames: ['kind'],
  registers,
});

/** How old the last event was when the patterns looked at it; flags by pattern are in `flagsRaised`. */
export const patternLag = new Gauge({
  name: 'gatehouse_pattern_lag_seconds',
  help: 'Age of the last event that was looked at for patterns, when it was; 0 where there was none',
  registers,
});

export const webhookAttempts = new Counter({
  name: 'gatehouse_webhook_attempts_total',
  help: 'Attempts to deliver a webhook: delivered, failed and to be tried again, given up',
  labelNames: ['outcome'],
  registers,
});

export const webhooksWaiting = new Gauge({
  name: 'gatehouse_webhooks_waiting',
  help: 'Deliveries that wait, over all nodes',
  registers,
});

export const webhookOldestSeconds = new Gauge({
  name: 'gatehouse_webhook_oldest_seconds',
  help: 'Age of the oldest delivery that waits; 0 when none does',
  registers,
});
