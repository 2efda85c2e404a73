import type { Channel } from './channel.ts';

export const panel: Channel = {
  name: 'panel',
  store: 'panel',
  storeDefault: true,
  endedBy: 'token',
  canAsk: true,
  openByDefault: true,
  insteadUse: 'the control panel over HTTPS',
};
