import type { Channel, StoreName } from './channel.ts';
import { ftp } from './ftp.ts';
import { imap } from './imap.ts';
import { panel } from './panel.ts';
import { pop3 } from './pop3.ts';
import { sftp } from './sftp.ts';
import { smtp } from './smtp.ts';
import { ssh } from './ssh.ts';
import { telnet } from './telnet.ts';

export { type Channel, type StoreName, shutDoor, storeNames } from './channel.ts';

export const channels: readonly Channel[] = [panel, ftp, sftp, ssh, telnet, imap, pop3, smtp];

const byName = new Map(channels.map((channel) => [channel.name, channel]));

/** The descriptor of that name, if the house knows such a door. */
export function channelNamed(name: string): Channel | undefined {
  return byName.get(name);
}

/** The door that a store's logins use when the caller names none. */
export function defaultChannel(store: StoreName): Channel {
  const found = channels.find((channel) => channel.store === store && channel.storeDefault);
  if (found === undefined) throw new Error(`no default channel for the store ${store}`);
  return found;
}
