import type { Channel } from './channel.ts';

export const ftp: Channel = {
  name: 'ftp',
  store: 'ftp',
  storeDefault: true,
  endedBy: 'process',
  canAsk: false,
  openByDefault: true,
  takesClearText: true,
  insteadUse: 'FTP over TLS or SFTP',
};
