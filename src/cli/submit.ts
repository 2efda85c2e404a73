/** `gatehouse message submit`: a mail on standard input is put before the service. For mail servers that pipe copies. */
import { limits } from '../protocol/mail/limits.ts';
import type { Terminal } from './output.ts';

export interface Submission {
  readonly raw: Buffer;
  /** Whose mail it is; the service looks at the headers where it is not said. */
  readonly recipient?: string;
  readonly direction: 'inbound' | 'outbound';
}

export interface SubmitVerdict {
  readonly verdict: string;
  readonly score: number;
  readonly flagged: boolean;
  readonly flag_id?: string | undefined;
}

/** The service refuses this mail for what it is, and will again. */
export class MailRefused extends Error {}

/** sysexits.h: what a mail server bounces, and what it tries again later. */
const exDataErr = 65;
const exTempFail = 75;

/**
 * Answers 0 when the service judged it, whatever it found; 75 when it did not, so that the mail server tries again; 65
 * when there was no mail, or one that cannot be judged. Says the verdict and never the evidence: mail servers keep what their programs say.
 */
export async function submit(
  terminal: Terminal,
  input: AsyncIterable<Buffer>,
  how: Omit<Submission, 'raw'>,
  scan: (submission: Submission) => Promise<SubmitVerdict>,
): Promise<number> {
  const raw = await asMuchAsIsRead(input);
  if (raw.length === 0) {
    terminal.err('no mail on standard input');
    return exDataErr;
  }
  try {
    const { verdict, score, flagged, flag_id } = await scan({ raw, ...how });
    terminal.out(
      terminal.json
        ? JSON.stringify({ verdict, score, flagged, ...(flag_id !== undefined && { flag_id }) })
        : `${verdict} ${score.toFixed(3)}${flagged ? ` flagged ${flag_id ?? ''}` : ''}`.trimEnd(),
    );
    return 0;
  } catch (error) {
    terminal.err(`not judged: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof MailRefused ? exDataErr : exTempFail;
  }
}

/** Reads on to the end: whoever pipes must not find the pipe closed. */
async function asMuchAsIsRead(input: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of input) {
    const fits = piece.subarray(0, limits.bytes - bytes);
    if (fits.length > 0) pieces.push(fits);
    bytes += fits.length;
  }
  return Buffer.concat(pieces);
}
