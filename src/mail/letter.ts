/** A mail as nodemailer takes it: one recipient, one text, and what tells machines that a machine wrote it. */
import type { SendMailOptions } from 'nodemailer';
import { type Mail, MailRefused } from './mail-room.ts';

/** One address and nothing else: no list, no display name, no line break (all three would reach more than the owner). */
const oneAddress = /^[^\s@,;:<>()[\]\\"\p{Cc}\p{Cf}]{1,64}@[^\s@,;:<>()[\]\\"\p{Cc}\p{Cf}]{1,253}$/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what a 7bit text may hold
const ascii = /^[\x00-\x7f]*$/;

/**
 * RFC 5322, RFC 3834 (`Auto-Submitted`). Nothing is ever read from a file or a URL, whatever a text says.
 * @throws MailRefused when the address is not one address.
 */
export function letterFor(mail: Mail, from: string): SendMailOptions {
  if (!oneAddress.test(mail.to)) throw new MailRefused('the address is not one mail address');
  const host =
    from
      .replace(/>?\s*$/, '')
      .split('@')
      .at(-1) ?? 'localhost';
  return {
    from,
    to: { name: '', address: mail.to },
    subject: mail.subject.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 200),
    text: mail.text,
    date: mail.at,
    messageId: `<${mail.id}@${host}>`,
    headers: { 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

interface Message {
  readonly data: { readonly text?: unknown };
  readonly message?: { getTransferEncoding(): string | false };
}

/**
 * For a transport's `stream` step: plain ASCII goes out as it is, so that a link stands whole on its line for whoever
 * reads the source (a file, a log of the mail server); quoted-printable would cut it. Our lines are never over 998.
 */
export function asWritten({ data, message }: Message, done: (fault?: Error | null) => void): void {
  if (message !== undefined && typeof data.text === 'string' && ascii.test(data.text)) {
    message.getTransferEncoding = () => '7bit';
  }
  done();
}
