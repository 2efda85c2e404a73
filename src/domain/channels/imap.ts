import type { Channel } from './channel.ts';

export const imap: Channel = {
  name: 'imap',
  store: 'mail',
  storeDefault: true,
  endedBy: 'process',
  canAsk: false,
  openByDefault: true,
  insteadUse: 'IMAP over TLS',
};
