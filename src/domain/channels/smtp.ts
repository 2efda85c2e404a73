import type { Channel } from './channel.ts';

export const smtp: Channel = {
  name: 'smtp',
  store: 'mail',
  storeDefault: false,
  endedBy: 'process',
  canAsk: false,
  openByDefault: true,
  insteadUse: 'SMTP submission over TLS',
};
