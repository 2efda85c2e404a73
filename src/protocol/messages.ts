/** The shapes of judged messages and announced contacts (contract section 10). */
import { z } from 'zod';
import { media } from '../domain/message.ts';
import { line, moment } from './fields.ts';
import { plainMessage } from './mail/read-text.ts';

export const scanRequest = plainMessage;
export const scanQuery = z.strictObject({
  /** Whose mail it is: a login or an address. The headers are looked at where it is not said. */
  recipient: z.string().min(1).max(320).optional(),
  /** `outbound`: written by the host's staff. */
  direction: z.enum(['inbound', 'outbound']).default('inbound'),
});

export const messageSignal = z
  .object({
    name: z.string(),
    weight: z.number(),
    says: z.string(),
    evidence: z.array(
      z.object({
        part: z.string(),
        /** UTF-16 offsets in that part. */
        start: z.number(),
        end: z.number(),
        quote: z.string().meta({ description: 'What may be a secret is masked.' }),
      }),
    ),
  })
  .meta({ id: 'MessageSignal' });

export const scanAnswer = z
  .object({
    verdict: z.enum(['password_request', 'clear']),
    solicited: z.boolean(),
    /** What explains it: it is a mail that we wrote to this account, or a contact was announced to it. */
    explained_by: z.enum(['our_mail', 'announced']).optional(),
    score: z.number(),
    flagged: z.boolean(),
    flag_id: z.string().optional(),
    explanation: z.string(),
    signals: z.array(messageSignal),
    languages: z.array(z.string()),
    /** Limits that were met: what lies beyond was not judged. */
    cut: z.array(z.string()),
    took_ms: z.number(),
  })
  .meta({ id: 'MessageVerdict' });

export const medium = z.enum(media);
export const contactRequest = z.strictObject({
  account_id: z.string().max(64),
  medium,
  purpose: line(200),
  /** Seven days from now where it is not said; thirty at the most. */
  expires_at: moment.optional(),
});
export const contactMade = z
  .object({
    id: z.string(),
    code: z.string().meta({ description: 'Said in the message or call; shown this once.' }),
    expires_at: moment,
  })
  .meta({ id: 'ContactAnnounced' });
export const ownContact = z
  .object({
    id: z.string(),
    medium,
    purpose: z.string(),
    announced_at: moment,
    expires_at: moment,
    first_checked_at: moment,
  })
  .meta({ id: 'OwnContact' });

export type ScanRequest = z.infer<typeof scanRequest>;
export type ScanQuery = z.infer<typeof scanQuery>;
export type ScanAnswer = z.infer<typeof scanAnswer>;
export type ContactRequest = z.infer<typeof contactRequest>;
export type ContactMade = z.infer<typeof contactMade>;
export type OwnContact = z.infer<typeof ownContact>;
