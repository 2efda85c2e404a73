/** Mail as files in a folder: for a start without a mail server. They hold links that work, so only their owner reads them. */
import { chmodSync, mkdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { asWritten, letterFor } from './letter.ts';
import type { MailRoom } from './mail-room.ts';

/** @param folder made on the first mail, mode 0700; files are `<id>.eml`, mode 0600. */
export function mailFiles(folder: string, from: string): MailRoom {
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' }).use(
    'stream',
    asWritten,
  );
  return {
    kind: 'files',
    async send(mail) {
      const { message } = await writer.sendMail(letterFor(mail, from));
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
      const file = join(folder, `${mail.id}.eml`);
      // Whole or not at all: somebody may be watching the folder.
      await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 });
      await rename(`${file}.part`, file);
    },
    close: () => writer.close(),
  };
}
