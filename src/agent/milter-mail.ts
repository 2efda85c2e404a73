/** One mail as the mail server tells it, put together again: what the service is asked about. */
import { limits } from '../protocol/mail/limits.ts';

/** The only header that Gatehouse writes, and believes from nobody else. */
export const verdictHeader = 'X-Gatehouse-Verdict';

/** As many as smtpd takes (smtpd_recipient_limit); what is asked about them is less. */
const mostRecipients = 1_000;

export class MilterMail {
  readonly sender: string;
  /** Who logged in to send it (SASL), as the mail server has it. */
  readonly authenticated: string | undefined;
  readonly recipients: string[] = [];
  /** Headers of our name that came with it. */
  forged = 0;
  /** It was longer than is read. */
  cut = false;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #inBody = false;

  constructor(sender: string, authenticated: string | undefined) {
    this.sender = sender;
    this.authenticated = authenticated;
    // The mail server writes it at delivery; in front, it is the one that counts.
    this.#add(Buffer.from(`Return-Path: <${inOneLine(sender)}>\r\n`, 'latin1'));
  }

  get bytes(): number {
    return this.#bytes;
  }

  addRecipient(address: string): void {
    if (this.recipients.length < mostRecipients) this.recipients.push(inOneLine(address));
  }

  addHeader(name: string, value: string, leadingSpace: boolean): void {
    if (name.trim().toLowerCase() === verdictHeader.toLowerCase()) {
      this.forged++;
      return;
    }
    const text = value.replace(/\r?\n/g, '\r\n');
    this.#add(Buffer.from(`${name}:${leadingSpace ? '' : ' '}${text}\r\n`, 'latin1'));
  }

  addBody(piece: Buffer): void {
    this.#beginBody();
    this.#add(piece);
  }

  /** Whole, or as much of it as is read. What it was made of is let go. */
  raw(): Buffer {
    this.#beginBody();
    const raw = Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [raw];
    return raw;
  }

  #beginBody(): void {
    if (this.#inBody) return;
    this.#inBody = true;
    this.#add(Buffer.from('\r\n'));
  }

  #add(piece: Buffer): void {
    const fits = piece.subarray(0, limits.bytes - this.#bytes);
    if (fits.length < piece.length) this.cut = true;
    if (fits.length > 0) this.#pieces.push(fits);
    this.#bytes += fits.length;
  }
}

const inOneLine = (text: string) => text.replace(/[\r\n\0]/g, '').slice(0, 1_000);
