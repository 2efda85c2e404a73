import type { Channel } from './channel.ts';

export const telnet: Channel = {
  name: 'telnet',
  store: 'ssh',
  storeDefault: false,
  endedBy: 'process',
  canAsk: false,
  openByDefault: false,
  loopbackOnly: true,
  passwordOnly: true,
  insteadUse: 'SSH: telnet sends the password in clear text',
};
