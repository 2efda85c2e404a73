/** A mail gateway at a test house: it hands messages in, and hears what is thought of them. */
import type { TestHouse } from './house.ts';

/** What no detector may miss. */
export const phish =
  'Dear user, your mailbox has exceeded its quota and will be suspended within 24 hours. Please reply with your password so that we can repair your mailbox at once.';

export interface Scanned {
  readonly status: number;
  readonly body: {
    readonly verdict: string;
    readonly solicited: boolean;
    readonly explained_by?: string;
    readonly score: number;
    readonly flagged: boolean;
    readonly flag_id?: string;
    readonly signals: {
      readonly name: string;
      readonly weight: number;
      readonly evidence: { part: string; start: number; end: number; quote: string }[];
    }[];
    readonly took_ms: number;
  };
}

export interface Gateway {
  readonly id: string;
  readonly token: string;
  /** A message by its parts: an inbound mail unless they say otherwise. */
  scan(parts: Readonly<Record<string, unknown>>, token?: string): Promise<Scanned>;
  /** A mail by its raw text. */
  scanMail(raw: string | Buffer, query?: string, token?: string): Promise<Scanned>;
  /** Whatever this is. */
  send(type: string, body: string | Buffer, query?: string, token?: string): Promise<Scanned>;
}

export async function gatewayOf(house: TestHouse): Promise<Gateway> {
  const key = await house.client(['messages']);
  const send: Gateway['send'] = async (type, body, query = '', token = key.token) => {
    const response = await house.app.request(`http://localhost/v1/messages/scan${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body,
    });
    return { status: response.status, body: (await response.json()) as Scanned['body'] };
  };
  return {
    ...key,
    send,
    scan: (parts, token) =>
      send(
        'application/json',
        JSON.stringify({ medium: 'email', direction: 'inbound', ...parts }),
        '',
        token,
      ),
    scanMail: (raw, query, token) => send('message/rfc822', raw, query, token),
  };
}
