/** The only way out by mail. */

export interface Mail {
  /** Of the outbox row: the Message-ID is made of it, so that a mail sent twice is seen to be one. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly at: Date;
}

export interface MailRoom {
  /** `off`: none leaves, and so none is written. `files`: one file a mail, for a start without a mail server. */
  readonly kind: 'smtp' | 'files' | 'off';
  /** @throws MailRefused when the mail can never go out; anything else is worth another try. */
  send(mail: Mail): Promise<void>;
  close(): void;
}

export class MailRefused extends Error {}

export const noMail: MailRoom = {
  kind: 'off',
  send: () => Promise.reject(new Error('no mail leaves this process')),
  close: () => {},
};
