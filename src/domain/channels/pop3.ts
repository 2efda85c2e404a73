import type { Channel } from './channel.ts';

export const pop3: Channel = {
  name: 'pop3',
  store: 'mail',
  storeDefault: false,
  endedBy: 'process',
  canAsk: false,
  openByDefault: true,
  insteadUse: 'POP3 over TLS',
};
