/** What owners find in their mailboxes: the jobs run, then the files are read. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Ctx } from '../../src/actions/context.ts';
import { judgeResets } from '../../src/actions/judge-resets.ts';
import { sendMails } from '../../src/actions/send-mails.ts';
import type { TestHouse } from './house.ts';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The first link, and the token in it. */
  readonly link: string;
  readonly token: string;
}

const system = (house: TestHouse): Ctx => house.ctx({ kind: 'system' });

/** Judges what was asked for, sends what waits, and empties the mailboxes; in the order in which it was written. */
export async function mailsOf(house: TestHouse): Promise<Letter[]> {
  while ((await judgeResets(system(house))) > 0) {}
  while ((await sendMails(system(house))) > 0) {}
  let names: string[] = [];
  try {
    names = readdirSync(house.mailFolder).filter((name) => name.endsWith('.eml'));
  } catch {
    return [];
  }
  const rows = await house.database.sql<{ id: string }[]>`select id from mails order by created_at, ctid`;
  const letters = rows
    .map(({ id }) => `${id}.eml`)
    .filter((name) => names.includes(name))
    .map((name) => letterIn(readFileSync(join(house.mailFolder, name), 'utf8')));
  for (const name of names) rmSync(join(house.mailFolder, name));
  return letters;
}

function letterIn(raw: string): Letter {
  const at = raw.indexOf('\n\n');
  const [head, text] = [raw.slice(0, at), raw.slice(at + 2)];
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1] ?? '';
  const link = /^(https?:\/\/\S+)$/m.exec(text)?.[1] ?? '';
  return { to: field('To'), subject: field('Subject'), text, link, token: link.split('token=')[1] ?? '' };
}

/** Gives an account its address. */
export async function addressOf(house: TestHouse, accountId: string, email: string | null): Promise<void> {
  await house.database.sql`update accounts set email = ${email} where id = ${accountId}`;
}
