/** The headers of Standard Webhooks (1.0): who a message is from, and that nobody changed it or sends it again later. */
import { Webhook } from 'standardwebhooks';

/**
 * @param id of the message: the same for every try, so that a receiver knows what it has seen.
 * @param secrets `whsec_…`: while one replaces another, both sign.
 */
export function signedHeaders(
  id: string,
  at: Date,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
