import { freeMail } from '../places.ts';
import { quoted } from '../reading/read.ts';
import { shownSender } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

const office =
  /\b(admin\w*|help ?desk|support|security|service|webmaster|postmaster|account\w*|it|mail\w*|email|webmail|notif\w*|team|alert\w*|verif\w*|no-?reply|system|server|quota|update\w*|upgrade\w*|message center|center|centre|customer\w*|online|hr|human resource\w*)\b/i;

/** The sender presents itself as an office (help desk, administrator, security team) rather than as a person. */
export const claimsOffice: Signal = {
  name: 'claims-office',
  says: 'It presents itself as an office: help desk, administrator, support, security.',
  speaks: 'for',
  weigh(reading) {
    const { from } = reading.message;
    const signed = reading.hits('office').at(-1);
    const named = from !== undefined && office.test(from.name.slice(0, 200));
    if (!named && !signed) return undefined;
    const free = named && from !== undefined && freeMail.has(from.domain);
    return found(
      free ? 1 : named && signed ? 0.8 : 0.5,
      ...(named && from ? [whole('sender', shownSender(from))] : []),
      ...(signed ? [quoted(reading, signed.from, signed.to)] : []),
    );
  },
};
