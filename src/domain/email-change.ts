/** The letter that confirms a new address: it goes there, to whoever reads that mailbox. */
import type { Letter } from './notices/notice.ts';

export function confirmLetter(login: string, link: string): Letter {
  return {
    subject: `Confirm this address for ${login}`,
    paragraphs: [
      `The owner of the account ${login} wants its mail to come here. If that is you, open this page within 24 hours and press the button there:`,
      link,
      'If you do not know of this, ignore this mail: nothing happens then.',
    ],
  };
}

/** How many such letters an account may send in an hour and a day, to whatever addresses. */
export const confirmCaps = { hour: 5, day: 10 } as const;
