import { ifNotYou, momentWords, type NoticeKind, quoted, usualCaps, whence } from './notice.ts';

const factors = {
  totp: 'code generator (one-time codes)',
  passkey: 'passkey',
  recovery_codes: 'set of recovery codes',
} as const;
const changes = { added: 'was added to', removed: 'was removed from', replaced: 'was replaced on' } as const;

export const factorChanged: NoticeKind<{
  readonly factor: keyof typeof factors;
  readonly change: keyof typeof changes;
  readonly by: 'owner' | 'staff';
  readonly label?: string | undefined;
  readonly source?: string | undefined;
  readonly userAgent?: string | undefined;
}> = {
  name: 'factor_changed',
  caps: usualCaps,
  write(facts, about) {
    const label = facts.label === undefined ? '' : ` "${quoted(facts.label)}"`;
    const by = facts.by === 'staff' ? ' by the staff of your host' : '';
    return {
      subject: `Second factor of ${about.login}: ${facts.change}`,
      paragraphs: [
        `A ${factors[facts.factor]}${label} ${changes[facts.change]} the account ${about.login}${by}${whence(facts)}, on ${momentWords(about.at)}.`,
        ...ifNotYou(about),
      ],
    };
  },
};
