/**
 * Audit events: what happened, to whom, by whom. One is written in the transaction of every change; an action that
 * changes something and names no event is rolled back.
 */

export const eventKinds = [
  'account.created',
  'accounts.imported',
  'account.suspended',
  'account.resumed',
  'account.closed',
  'credential.set',
  'credential.deleted',
  'credential.rehashed',
  'password.unchecked',
  'password.old_used',
  'reset.asked',
  'reset.mailed',
  'reset.used',
  'reset.denied',
  'email.asked',
  'email.changed',
  'account.secured',
  'mail.failed',
  'login.allowed',
  'login.refused',
  'login.throttled',
  'login.challenged',
  'login.clear_text_told',
  'session.opened',
  'session.adopted',
  'session.renamed',
  'session.ended',
  'session.expired',
  'sessions.ended',
  'session.reauthenticated',
  'session.proof_refused',
  'factor.offered',
  'factor.added',
  'factor.renamed',
  'factor.removed',
  'recovery_codes.made',
  'passkey.cloned',
  'app_password.made',
  'app_password.revoked',
  'grant.made',
  'grant.revoked',
  'ssh_key.made',
  'ssh_key.revoked',
  'order.receipt',
  'policy.changed',
  'client.created',
  'client.revoked',
  'operator.created',
  'operator.revoked',
  'operator.email_set',
  'agent.connected',
  'flag.raised',
  'flag.seen',
  'flag.resolved',
  'message.refused',
  'contact.announced',
  'contact.checked',
  'report.made',
  'account.at_risk',
  'detector.trained',
  'detector.reverted',
  'webhook.created',
  'webhook.changed',
  'webhook.deleted',
  'webhook.disabled',
  'webhook.tested',
  'webhook.replayed',
  'webhook.given_up',
  'operators.told',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** Who did it: a person of the staff, a calling machine, the customer, whoever holds a mailed link, or the house. */
export interface Actor {
  readonly kind: 'operator' | 'client' | 'session' | 'visitor' | 'console' | 'system';
  readonly id: string;
}

export interface AuditEvent {
  readonly kind: EventKind;
  readonly accountId?: string;
  readonly sessionId?: string;
  readonly orderId?: string;
  readonly source?: string;
  /** Facts of the event: never a secret, never a whole message. */
  readonly detail?: Readonly<Record<string, unknown>>;
}
