/** The development messages, read and weighed once: a row of strengths a message. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Medium, Message, Setting } from '../src/domain/message.ts';
import { read } from '../src/domain/reading/read.ts';
import { signals } from '../src/domain/signals/index.ts';
import { readMail } from '../src/protocol/mail/read-mail.ts';
import { readText } from '../src/protocol/mail/read-text.ts';

export interface Labelled {
  readonly id: string;
  readonly label: 0 | 1;
  readonly category: string;
  readonly source: string;
  readonly lang: string;
  readonly cluster: string;
  readonly strengths: readonly number[];
}

interface Said {
  readonly id: string;
  readonly channel: Medium;
  readonly raw?: string;
  readonly text?: string;
}

type Label = Omit<Labelled, 'label' | 'strengths'> & { readonly label: 0 | 1 | null };

const lines = <T>(path: string): T[] =>
  gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

export const messageOf = ({ channel, raw, text }: Said): Message =>
  raw === undefined
    ? readText({ medium: channel, direction: 'inbound', text: text ?? '' })
    : readMail(Buffer.from(raw));

const nobody: Setting = { ownDomains: [], recipientDomains: [] };

export const strengthsOf = (message: Message): number[] => {
  const reading = read(message);
  return signals.map((signal) => signal.weigh(reading, nobody)?.strength ?? 0);
};

/** Unlabelled messages are left out. */
export function labelled(folder: string): Labelled[] {
  const labels = new Map(lines<Label>(`${folder}/labels.jsonl.gz`).map((label) => [label.id, label]));
  return lines<Said>(`${folder}/messages.jsonl.gz`).flatMap((said) => {
    const label = labels.get(said.id);
    if (!label || label.label === null) return [];
    const { id, category, source, lang, cluster } = label;
    const strengths = strengthsOf(messageOf(said));
    return [{ id, category, source, lang, cluster, label: label.label, strengths }];
  });
}
