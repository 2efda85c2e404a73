/** What is no mail: a ticket, a chat, a text message, the transcript of a call, as a `Message`. */
import { z } from 'zod';
import { cleaned, cleanText } from '../../domain/clean-text.ts';
import { type Message, media } from '../../domain/message.ts';
import { addressesIn } from './addresses.ts';
import { Cuts, limits } from './limits.ts';
import { linksIn } from './links.ts';

/** The body of `POST /v1/messages/scan` as JSON (contract §10). */
export const plainMessage = z.strictObject({
  medium: z.enum(media),
  direction: z.enum(['inbound', 'outbound']),
  text: z.string().max(limits.text),
  from: z.string().max(500).optional(),
  to: z.string().max(2_000).optional(),
  subject: z.string().max(1_000).optional(),
  account_login: z.string().max(255).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
});
export type PlainMessage = z.infer<typeof plainMessage>;

export function readText(said: PlainMessage): Message {
  const from = addressesIn(said.from ?? '', 1)[0];
  const text = cleanText(said.text);
  const cuts = new Cuts();
  const links = linksIn(text, cuts);
  return cleaned<Message>({
    medium: said.medium,
    direction: said.direction,
    subject: said.subject ?? '',
    text,
    hidden: '',
    ...(from === undefined ? {} : { from }),
    replyTo: [],
    to: addressesIn(said.to ?? ''),
    links,
    forms: [],
    attachments: [],
    images: 0,
    plain: true,
    marks: { list: false, reply: false, automatic: false },
    cut: cuts.list(),
  });
}
