import type { Channel } from './channel.ts';

export const sftp: Channel = {
  name: 'sftp',
  store: 'ssh',
  storeDefault: false,
  endedBy: 'process',
  canAsk: false,
  openByDefault: true,
  insteadUse: 'SFTP with an SSH key',
};
