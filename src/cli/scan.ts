/** `gatehouse scan`: messages and mailboxes judged on the spot, without service, database or configuration. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Message, Setting } from '../domain/message.ts';
import { judge } from '../domain/verdict.ts';
import { limits } from '../protocol/mail/limits.ts';
import { isMailbox, Mailbox } from '../protocol/mail/mbox.ts';
import { readMail } from '../protocol/mail/read-mail.ts';
import { plainMessage, readText } from '../protocol/mail/read-text.ts';
import type { Terminal } from './output.ts';

export interface ScanOptions {
  /** The host's own domains. */
  readonly ownDomains: readonly string[];
  /** Whose mail it is, where the headers do not say. */
  readonly recipient?: string;
  /** authserv-ids whose Authentication-Results count. */
  readonly trust: readonly string[];
  readonly threshold?: number;
  /** Answer 3 when something is flagged. */
  readonly exitCode: boolean;
}

/** Prints one JSON line a message. Answers 0, 1 when a file could not be read, 3 as asked for. */
export async function scan(
  terminal: Terminal,
  files: readonly string[],
  options: ScanOptions,
): Promise<number> {
  let flagged = false;
  let failed = false;
  for (const file of files) {
    try {
      for await (const line of linesOf(file, options)) {
        flagged ||= line.flagged;
        terminal.out(JSON.stringify(line));
      }
    } catch (error) {
      failed = true;
      terminal.err(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failed) return 1;
  return flagged && options.exitCode ? 3 : 0;
}

async function* linesOf(file: string, options: ScanOptions) {
  const start = await beginningOf(file);
  if (isMailbox(start)) {
    let message = 0;
    for await (const raw of messagesIn(file)) yield lineOf(file, ++message, mailOf(raw, options), options);
    return;
  }
  const raw = await contentOf(file);
  yield lineOf(
    file,
    1,
    start.toString('latin1').trimStart().startsWith('{') ? jsonOf(raw) : mailOf(raw, options),
    options,
  );
}

const mailOf = (raw: Buffer, { trust }: ScanOptions): Message => readMail(raw, { authservIds: trust });

/** `{medium, direction, text, …}`, as the API takes it. */
function jsonOf(raw: Buffer): Message {
  const said = plainMessage.safeParse(JSON.parse(raw.toString('utf8')));
  if (!said.success) throw new Error(`not a message: ${said.error.issues[0]?.message ?? ''}`);
  return readText(said.data);
}

function lineOf(file: string, message: number, read: Message, options: ScanOptions) {
  const setting: Setting = {
    ownDomains: options.ownDomains.map((domain) => domain.toLowerCase()),
    recipientDomains: options.recipient?.includes('@')
      ? [options.recipient.slice(options.recipient.lastIndexOf('@') + 1).toLowerCase()]
      : [],
  };
  const scale = options.threshold === undefined ? {} : { threshold: options.threshold };
  const { verdict, score, explanation, signals, languages, cut } = judge(read, setting, scale);
  return {
    file,
    message,
    verdict,
    score,
    // Nothing is known here of requests that are open, so nothing explains one.
    solicited: false,
    flagged: verdict === 'password_request',
    explanation,
    subject: read.subject,
    from: read.from?.address ?? null,
    signals: signals.map(({ name, weight, evidence }) => ({ name, weight, evidence })),
    languages,
    cut,
  };
}

// --- files ---

async function beginningOf(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function* messagesIn(file: string): AsyncGenerator<Buffer> {
  const mailbox = new Mailbox();
  for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024 }))
    yield* mailbox.push(piece as Buffer);
  yield* mailbox.end();
}

/** As much of it as is read of a message, and one byte more, which tells that there was more. */
async function contentOf(file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(file, { end: limits.bytes })) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
