/** What is said on one connection of a mail server: mail after mail, each gathered, judged at its end, and answered. */
import {
  answered,
  goOn,
  hold,
  insertHeader,
  MilterFault,
  type Negotiated,
  negotiate,
  type Packet,
  readPacket,
  refuseWith,
  removeHeader,
  type Said,
} from '../protocol/milter.ts';
import type { MailDecision } from './milter-decision.ts';
import { MilterMail, verdictHeader } from './milter-mail.ts';
import type { Slots } from './slots.ts';

/** A mail up to here needs no slot of the large ones. */
export const smallMailBytes = 256 * 1024;

export interface TalkParts {
  /** Never throws; what cannot be judged has a decision too. */
  judge(mail: MilterMail, queueId: string): Promise<MailDecision>;
  /** How many large mails are held at a time: the others are not read on, and wait at the mail server. */
  readonly large: Slots;
  /** The connection is gone, or must be. */
  readonly gone: AbortSignal;
}

/** Where the talk stands: it says how long the peer may be silent. */
export type Stage = 'greeting' | 'between mails' | 'in a mail' | 'over';

export class MilterTalk {
  readonly #parts: TalkParts;
  #agreed: Negotiated | undefined;
  #mail: MilterMail | undefined;
  #inContent = false;
  #over = false;
  #authenticated: string | undefined;
  #queueId = '';
  #giveBack: (() => void) | undefined;

  constructor(parts: TalkParts) {
    this.#parts = parts;
  }

  get stage(): Stage {
    if (this.#over) return 'over';
    if (!this.#agreed) return 'greeting';
    return this.#inContent ? 'in a mail' : 'between mails';
  }

  /** Takes one packet and resolves to what is answered, which may be nothing. @throws MilterFault */
  async take(packet: Packet): Promise<Buffer | undefined> {
    if (!this.#agreed) {
      this.#agreed = negotiate(packet);
      return this.#agreed.answer;
    }
    const said = readPacket(packet);
    if (said.kind === 'end') return this.#end(said.piece, this.#agreed);
    await this.#hear(said, this.#agreed);
    return answered(packet.command) && !this.#agreed.silent.has(packet.command) ? goOn() : undefined;
  }

  /** Lets go of what is held. */
  close(): void {
    this.#over = true;
    this.#forget();
  }

  async #hear(said: Said, agreed: Negotiated): Promise<void> {
    switch (said.kind) {
      case 'macros':
        return this.#learn(said.of, said.values);
      case 'mail':
        this.#forget();
        this.#mail = new MilterMail(said.sender, this.#authenticated);
        return;
      case 'recipient':
        return this.#current().addRecipient(said.address);
      case 'header':
        this.#inContent = true;
        return this.#grow((mail) => mail.addHeader(said.name, said.value, agreed.leadingSpace));
      case 'body':
        this.#inContent = true;
        return this.#grow((mail) => mail.addBody(said.piece));
      case 'abort':
      case 'next connection':
        return this.#forget();
      case 'quit':
        this.close();
    }
  }

  /** Macros come before the command that they belong to; a login is said anew with each MAIL. */
  #learn(of: string, values: ReadonlyMap<string, string>): void {
    if (of === 'M') this.#authenticated = values.get('auth_authen') || undefined;
    this.#queueId = (values.get('i') ?? this.#queueId).replace(/[^A-Za-z0-9]/g, '').slice(0, 40);
  }

  #current(): MilterMail {
    if (!this.#mail) throw new MilterFault('a part of a mail before the mail');
    return this.#mail;
  }

  async #grow(add: (mail: MilterMail) => void): Promise<void> {
    const mail = this.#current();
    add(mail);
    if (mail.bytes <= smallMailBytes || this.#giveBack) return;
    const giveBack = await this.#parts.large.enter(this.#parts.gone);
    this.#giveBack = giveBack;
  }

  async #end(piece: Buffer, { leadingSpace }: Negotiated): Promise<Buffer> {
    await this.#grow((mail) => mail.addBody(piece));
    const mail = this.#current();
    const decision = await this.#parts.judge(mail, this.#queueId);
    this.#forget();
    return answerTo(decision, mail.forged, leadingSpace);
  }

  #forget(): void {
    this.#mail = undefined;
    this.#inContent = false;
    this.#queueId = '';
    this.#giveBack?.();
    this.#giveBack = undefined;
  }
}

/** Forged headers go, the last first: whether the others move up then does not matter. */
function answerTo({ deed, header, reply }: MailDecision, forged: number, leadingSpace: boolean): Buffer {
  if (reply !== undefined) return refuseWith(reply);
  const removed = Array.from({ length: forged }, (_, at) => removeHeader(verdictHeader, forged - at));
  const held = deed === 'hold' ? [hold('it asks for a password')] : [];
  return Buffer.concat([...removed, insertHeader(verdictHeader, header, leadingSpace), ...held, goOn()]);
}
