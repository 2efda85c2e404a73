/** The shapes of customers' reports (contract section 10). */
import { z } from 'zod';
import { flagStates } from '../domain/flag.ts';
import { media } from '../domain/message.ts';
import { moment } from './fields.ts';

export const newReport = z.strictObject({
  medium: z.enum(media),
  text: z
    .string()
    .min(1)
    .max(50_000)
    .meta({ description: 'The message, or a call in words of one’s own. What may be a secret is not kept.' }),
  from: z.string().max(500).optional(),
  subject: z.string().max(1000).optional(),
  at: moment.optional(),
  answered: z
    .boolean()
    .default(false)
    .meta({ description: 'The customer gave what was asked for: strangers are kept out at once.' }),
});
/** bytes: every character of the longest text escaped */
export const reportLimit = 320_000;

const verdict = z.enum(['password_request', 'clear']);
export const reportMade = z
  .object({
    report_id: z.string(),
    verdict,
    solicited: z.boolean().meta({ description: 'It is from us: something that we know explains it.' }),
    advice: z.string().meta({ description: 'What to do, in whole sentences.' }),
    next: z
      .array(
        z.object({ do: z.enum(['change_password', 'end_sessions']), method: z.string(), path: z.string() }),
      )
      .meta({ description: 'What the customer can do here and now.' }),
  })
  .meta({ id: 'ReportMade' });
export const ownReport = z
  .object({
    id: z.string(),
    medium: z.enum(media),
    verdict,
    answered: z.boolean(),
    made_at: moment,
    state: z
      .enum(flagStates)
      .nullable()
      .meta({ description: 'What the staff says of it; null where there is nothing to say.' }),
  })
  .meta({ id: 'OwnReport' });
export const ownReports = z.object({ items: z.array(ownReport), next_cursor: z.string().nullable() });

export type NewReport = z.infer<typeof newReport>;
export type ReportMade = z.infer<typeof reportMade>;
export type OwnReports = z.infer<typeof ownReports>;
