/** What the owner of a new code generator is shown, once: its secret, as text, as a line for apps and as a picture. */
import { ScureBase32Plugin } from 'otplib';
import { renderSVG } from 'uqr';
import { totpPeriodSeconds, totpSecretBytes } from './totp.ts';

export interface TotpEnrolment {
  /** base32 (RFC 4648), for those who type it. */
  readonly secret: string;
  /** otpauth://totp/…, what the picture says. */
  readonly uri: string;
  readonly qr_svg: string;
}

/** @param issuer the host name that the codes are for; apps show it beside the login. */
export function totpEnrolment(secret: Buffer, issuer: string, login: string): TotpEnrolment {
  if (secret.length !== totpSecretBytes) throw new RangeError(`a secret has ${totpSecretBytes} bytes`);
  const text = new ScureBase32Plugin().encode(secret, { padding: false });
  // By hand: some apps take the defaults for granted, others want them said, and the library leaves them out.
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(login)}`;
  const said = `issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=${totpPeriodSeconds}`;
  const uri = `otpauth://totp/${label}?secret=${text}&${said}`;
  return { secret: text, uri, qr_svg: renderSVG(uri, { ecc: 'M', border: 4, pixelSize: 4 }) };
}
