/** What is kept of a message holds no secret that somebody wrote into it, and still shows what it asks for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { read } from '../../src/domain/reading/read.ts';
import { redact } from '../../src/domain/redact.ts';
import { judge } from '../../src/domain/verdict.ts';
import { readText } from '../../src/protocol/mail/read-text.ts';

const message = (text: string, subject = '') =>
  readText({ medium: 'ticket', direction: 'inbound', text, subject });
const kept = (text: string, subject = '') => redact(read(message(text, subject))).text;

describe('a secret that was sent is not kept', () => {
  it.each([
    ['after a colon', 'Password: sunshine', 'sunshine'],
    ['after "is"', 'Hi, my password is sunshine and my login is anna.', 'sunshine'],
    ['a phrase of words', 'my password is correct horse battery staple, thanks', 'battery'],
    ['its last word', 'my password is correct horse battery staple, thanks', 'staple'],
    ['on the line below', 'Your password:\n\nsunshine\n\nthank you', 'sunshine'],
    ['before its name', 'sunshine is my password', 'sunshine'],
    ['alone, above a request', 'sunshine\n\n> Please reply with your password.', 'sunshine'],
    ['alone, two lines below', 'Here is the password that you want\n\nas agreed\nsunshine', 'sunshine'],
    [
      'with digits, anywhere',
      'It rains in Lisbon. tr0ub4dor was said. Nothing else of note was.',
      'tr0ub4dor',
    ],
    ['with signs', 'It rains in Lisbon and h!ghway was said and nothing else of any note.', 'h!ghway'],
    ['in mixed case', 'It rains in Lisbon and sUnsHine was said and nothing else of note.', 'sUnsHine'],
    ['a PIN', 'my pin is 4821', '4821'],
    ['a code alone', 'ok\n482 913\nbye, see you all tomorrow at the station', '913'],
    ['in a link', 'see https://anna:sunshine@host.example/reset?token=abcdefgh there', 'sunshine'],
    ['a token in a link', 'see https://host.example/reset?token=abcdefgh there', 'abcdefgh'],
    ['made of words the detector knows', 'password=jackpot', 'jackpot'],
    ['of such words joined', 'the password you want\nmoney-casino', 'casino'],
    ['in German', 'Mein Passwort lautet Sonnenschein und der Benutzer ist anna.', 'Sonnenschein'],
    ['in French', 'Mon mot de passe est soleil, merci', 'soleil'],
    ['in Spanish', 'La contraseña es amanecer, gracias', 'amanecer'],
    ['in Portuguese', 'A minha senha é girassol', 'girassol'],
    ['in Chinese', '我的密码是sunshine。', 'sunshine'],
    ['in Japanese', 'パスワードはsunshineです', 'sunshine'],
    ['in Russian', 'Мой пароль: рассвет', 'рассвет'],
  ])('%s', (_, text, secret) => {
    expect(kept(text)).not.toContain(secret);
    expect(kept('', text)).not.toContain(secret);
  });

  it('however it is made, behind a name and a colon', () => {
    const secret = fc.string({ minLength: 5, maxLength: 30 }).filter((text) => /^\S+$/.test(text));
    fc.assert(
      fc.property(secret, (made) => {
        for (const text of [`password: ${made}`, `Please reply.\nPIN:\n${made}\nthanks`]) {
          expect(kept(text)).not.toContain(made);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('whatever has a digit in it, in any text', () => {
    const word = fc.stringMatching(/^[a-z]{0,6}\d{3,6}[a-z]{0,6}$/);
    fc.assert(
      fc.property(fc.lorem({ maxCount: 30 }), word, fc.lorem({ maxCount: 30 }), (before, made, after) => {
        expect(kept(`${before} ${made} ${after}`)).not.toContain(made);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what it is about can still be read', () => {
  it('a request keeps its words', () => {
    const text = kept(
      'Dear user, your mailbox is full and will be suspended within 24 hours.\nClick here: https://evil.example/login?u=anna to verify your account.',
    );
    expect(text).toContain('your mailbox is full and will be suspended within 24 hours.');
    expect(text).toContain('https://evil.example');
    expect(text).not.toContain('login?u');
  });

  it('a request for a password keeps its words', () => {
    const text = kept(
      'Dear user, your mailbox is full.\nPlease reply with your password so that we can restore your mailbox within 24 hours, or click here: https://evil.example/login?u=anna',
    );
    expect(text).toContain(
      'Please reply with your password so that we can restore your mailbox within 24 hours, or click here:',
    );
    expect(text).toContain('Dear user, your mailbox is full.');
  });

  it('an address behind the name is no answer', () => {
    const text = kept('Please confirm your password at https://evil.example/login?u=1 to keep your account.');
    expect(text).toContain('https://evil.example');
    expect(text).toContain('to keep your account.');
  });

  it('how long a secret was is not kept either', () => {
    expect(kept('password: aaaaaa')).toBe(kept('password: aaaaaaaaaaaaaaaaaaaa'));
  });

  it('evidence far down is masked with its lines, or whole', () => {
    for (const far of [9_000, 80_000]) {
      const said = message(
        `${'It rains. '.repeat(far / 10)}\nSend us your password. My password is sunshine.`,
      );
      const { evidence } = redact(read(said));
      const at = said.text.indexOf('My password');
      const quote = said.text.slice(at);
      const masked = evidence({ part: 'text', start: at, end: said.text.length, quote });
      expect(masked.quote).not.toBe('');
      expect(masked.quote).not.toContain('sunshine');
    }
  });

  it('evidence is masked where it stands, its offsets are those of the message', () => {
    const said = message('Send your password hunter22 to us today.');
    const reading = read(said);
    const { evidence } = redact(reading);
    const quoted = judge(said).signals.flatMap((signal) => signal.evidence);
    expect(quoted.some(({ quote }) => quote.includes('password'))).toBe(true);
    for (const each of quoted) {
      const masked = evidence(each);
      expect([masked.start, masked.end]).toEqual([each.start, each.end]);
      expect(masked.quote).not.toContain('hunter22');
    }
  });
});
