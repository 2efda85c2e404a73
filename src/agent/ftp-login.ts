/** A login at Pure-FTPd: the password, the session and the place of its files in one answer. Anything but a clear yes keeps out. */
import type { UnixIds } from '../domain/unix-ids.ts';
import type { OpenRequest } from '../protocol/agent.ts';
import type { ExtauthRequest } from '../protocol/extauth.ts';
import { peerOf, socketsFor } from './hands-activity.ts';
import type { Opened } from './opening.ts';
import type { QuestionParts } from './question-parts.ts';
import { answerQuestion } from './questions.ts';
import { literalAddress } from './source-address.ts';

/** Which process asks; undefined when that is not certain. Looked up only for those whose password was right. */
type Asker = () => Promise<{ readonly pid: number; readonly start: string } | undefined>;

const [store, channel, service] = ['ftp', 'ftp', 'pure-ftpd'] as const;

/** Undefined: not let in. Throws when there is no decision, which means the same. */
export async function answerFtpLogin(
  parts: QuestionParts,
  asked: ExtauthRequest,
  asker: Asker,
  signal: AbortSignal,
): Promise<UnixIds | undefined> {
  const { account: login, password, encrypted, peer: rhost } = asked;
  const more = encrypted === undefined ? {} : { encrypted };
  const judged = await answerQuestion(
    parts,
    { ask: 'auth', store, channel, service, login, password, rhost, pid: 0, ...more },
    signal,
  );
  if (judged.verdict !== 'allow' || judged.login_id === undefined) return undefined;
  const ticket = parts.tickets.spend(judged.login_id, login, store, service);
  if (ticket?.unix === undefined) {
    parts.log.error({ login }, 'the account has no uid, gid and home that FTP could use');
    return undefined;
  }
  const found = await asker();
  if (found === undefined) {
    parts.log.error({ login }, 'which process of Pure-FTPd asks is not certain');
    return undefined;
  }
  const process = { ...found, boot_id: parts.boot };
  const { verified, unix } = ticket;
  const question = {
    host: parts.host,
    ...{ store, channel, login },
    method: 'password' as const,
    verified,
    process,
  };
  const opened = await open(parts, { ...question, ...(await sourceOf(found.pid, rhost, signal)) }, signal);
  if (opened.decision !== 'unknown') parts.onJudged(process, opened.decision === 'allow');
  return opened.decision === 'allow' ? unix : undefined;
}

/** Its child with the rights of root began before the login. */
async function open(parts: QuestionParts, question: OpenRequest, signal: AbortSignal): Promise<Opened> {
  try {
    return await parts.opening.open(question, signal, true);
  } catch (error) {
    parts.onNotOpened();
    throw error;
  }
}

/** The client's port as the kernel knows it, where its address is the one that was told. */
async function sourceOf(
  pid: number,
  address: string,
  signal: AbortSignal,
): Promise<Pick<OpenRequest, 'source_ip' | 'source_port'>> {
  const ip = literalAddress(address);
  if (ip === undefined) return {};
  const peer = peerOf(pid, await socketsFor(signal));
  return { source_ip: ip, ...(peer?.peer === ip ? { source_port: peer.peerPort } : {}) };
}
