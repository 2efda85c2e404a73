import type { Channel } from './channel.ts';

export const imap: Channel = {
  name: 'imap',
  store: 'mail',
  storeDefault: true,
  endedBy: 'process',
  openByDefault: true,
  insteadUse: 'IMAP over TLS',
};
