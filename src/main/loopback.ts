/** Addresses where nobody else is on the way. */
import { z } from 'zod';

export const isLoopback = (host: string) =>
  host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

export function isLoopbackAddress(text: string): boolean {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  return isLoopback(host) && Number(port) > 0 && Number(port) < 65_536;
}

/** The PAM module's questions carry passwords in the clear. */
export const loopbackAddress = z
  .string()
  .refine(isLoopbackAddress, 'must be a loopback address and port, like 127.0.0.1:7422');
