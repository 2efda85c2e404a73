import type { Channel } from './channel.ts';

export const sftp: Channel = {
  name: 'sftp',
  store: 'ssh',
  storeDefault: false,
  endedBy: 'process',
  openByDefault: true,
  insteadUse: 'SFTP with an SSH key',
};
