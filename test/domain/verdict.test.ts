/** What counts as a request, in every language of the shelf; what does not; and that a verdict is a function. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languages } from '../../src/domain/languages/index.ts';
import type { Message } from '../../src/domain/message.ts';
import { judge } from '../../src/domain/verdict.ts';
import { readMail } from '../../src/protocol/mail/read-mail.ts';
import { readText } from '../../src/protocol/mail/read-text.ts';

const asked = (text: string) => judge(readText({ medium: 'ticket', direction: 'inbound', text }));
const mailed = (from: string, subject: string, body: string): Message =>
  readMail(
    Buffer.from(
      `From: ${from}\nTo: Anna <anna@customer.example>\nSubject: ${subject}\nContent-Type: text/plain; charset=utf-8\n\n${body}`,
    ),
  );

/** In each language: asked outright, and a mailbox story with a link. */
const requests: Record<string, readonly [string, string]> = {
  en: [
    'Please reply with your password so that we can repair your mailbox.',
    'Dear user, your mailbox has exceeded its quota and will be suspended within 24 hours. Click here to verify your account.',
  ],
  pt: [
    'Por favor, envie a sua senha para resolvermos o problema.',
    'Prezado usuário, sua caixa de correio excedeu o limite de armazenamento e será suspensa em 24 horas. Clique aqui para atualizar sua conta.',
  ],
  de: [
    'Bitte senden Sie uns Ihr Passwort, damit wir das Problem beheben können.',
    'Sehr geehrter Kunde, Ihr Postfach ist fast voll und wird in 48 Stunden gesperrt. Klicken Sie hier, um Ihr Konto zu bestätigen.',
  ],
  fr: [
    'Merci de nous envoyer votre mot de passe afin de résoudre le problème.',
    'Cher client, votre boîte mail est pleine et sera suspendue sous 24 heures. Cliquez ici pour mettre à jour votre compte.',
  ],
  es: [
    'Por favor, envíenos su contraseña para poder ayudarle.',
    'Estimado usuario: su buzón ha superado la cuota. Haga clic aquí para verificar su cuenta o será desactivada en 24 horas.',
  ],
  it: [
    'Per favore, inviaci la tua password per risolvere il problema.',
    'Gentile utente, la sua casella di posta ha superato la quota. Clicchi qui per verificare il suo account entro 24 ore, altrimenti sarà disattivato.',
  ],
  nl: [
    'Stuur ons uw wachtwoord zodat wij het probleem kunnen oplossen.',
    'Geachte gebruiker, uw mailbox is bijna vol en wordt binnen 24 uur geblokkeerd. Klik hier om uw account te bevestigen.',
  ],
  zh: ['请把您的密码发给我们。', '尊敬的用户：您的邮箱已满，将在24小时内停用。请点击这里登录验证您的账户。'],
  ja: [
    'パスワードを教えてください。',
    'お客様各位 お客様のアカウントは異常が検出されたため停止されました。24時間以内に下記リンクをクリックしてアカウントを確認してください。',
  ],
  ko: [
    '비밀번호를 알려주세요.',
    '고객님의 메일함 용량이 초과되어 24시간 이내에 계정이 정지됩니다. 여기를 클릭하여 계정을 확인하십시오.',
  ],
  ru: [
    'Сообщите нам ваш пароль, чтобы мы могли помочь.',
    'Уважаемый пользователь! Ваш почтовый ящик переполнен и будет заблокирован в течение 24 часов. Перейдите по ссылке ниже, чтобы подтвердить учетную запись.',
  ],
  ar: [
    'أرسل لنا كلمة المرور الخاصة بك.',
    'عزيزي المستخدم، صندوق البريد ممتلئ وسيتم إيقاف حسابك خلال 24 ساعة. اضغط هنا لتأكيد حسابك.',
  ],
  he: [
    'שלח לנו את הסיסמה שלך.',
    'משתמש יקר, תיבת הדואר שלך מלאה וחשבונך ייחסם תוך 24 שעות. לחץ כאן כדי לאמת את חשבונך.',
  ],
};

describe('requests, in every language', () => {
  it('each language has its own', () =>
    expect(Object.keys(requests).sort()).toEqual(languages.map(({ code }) => code).sort()));
  it.each(Object.entries(requests))('%s', (code, [outright, story]) => {
    expect(asked(outright)).toMatchObject({ verdict: 'password_request' });
    const verdict = judge(mailed('"Mail Admin" <info@other.example>', 'x', story));
    expect(verdict).toMatchObject({ verdict: 'password_request' });
    expect(verdict.languages).toContain(code);
    expect(verdict.explanation).not.toBe('');
  });
});

const host = 'Example Host <no-reply@host.example>';
const genuine: [string, Message][] = [
  [
    'a reset',
    mailed(
      host,
      'Reset your password',
      'Hello Anna,\n\nyou asked to reset your password. Use this link within the next hour:\nhttps://host.example/reset/abc\n\nIf you did not ask for this, ignore this mail. We will never ask for your password.',
    ),
  ],
  [
    'a reset, German',
    mailed(
      host,
      'Passwort',
      'Hallo Anna,\n\nSie haben angefordert, Ihr Passwort zurückzusetzen. Klicken Sie auf diesen Link: https://host.example/reset/abc\n\nAndernfalls ignorieren Sie diese Nachricht.',
    ),
  ],
  [
    'a change',
    mailed(
      host,
      'Your password was changed',
      'Hello Anna,\n\nyour password was changed on 3 May from 203.0.113.9. If this was not you, contact us at once: https://host.example/help',
    ),
  ],
  [
    'a sign-in',
    mailed(
      host,
      'New sign-in',
      'Hello Anna,\n\na new sign-in to your account from Firefox on Linux. If this was you, there is nothing to do. If not, change your password: https://host.example/security',
    ),
  ],
  [
    'a welcome',
    mailed(
      host,
      'Welcome',
      'Welcome to Example Host!\n\nUser name: anna\nTemporary password: Xk93-plum\n\nLog in at https://host.example and change it.',
    ),
  ],
  [
    'an invoice',
    mailed(host, 'Invoice 2231', 'Dear Anna,\n\nyour invoice 2231 is attached. Please pay within 14 days.'),
  ],
  [
    'a code',
    readText({
      medium: 'sms',
      direction: 'inbound',
      text: 'Your code is 482913. Never share it with anyone.',
    }),
  ],
  [
    'the warning itself',
    readText({ medium: 'chat', direction: 'inbound', text: 'Our staff will never ask for your password.' }),
  ],
  [
    'a customer',
    readText({ medium: 'ticket', direction: 'inbound', text: 'I forgot my password, can you reset it?' }),
  ],
  [
    'a report',
    readText({
      medium: 'call',
      direction: 'inbound',
      text: 'Someone called, said he was from support and wanted my password. Is that true?',
    }),
  ],
  [
    'a colleague',
    mailed(
      'Eva <eva@friends.example>',
      'Lunch',
      'Hi Tom, are we still on for lunch? Please send me the slides before the meeting.',
    ),
  ],
];
it.each(genuine)('%s is clear', (_, message) => expect(judge(message)).toMatchObject({ verdict: 'clear' }));

it('the threshold and learned weights are the caller’s', () => {
  const message = readText({ medium: 'chat', direction: 'inbound', text: 'Please send us your password.' });
  const { score } = judge(message);
  expect(judge(message, undefined, { threshold: score }).verdict).toBe('password_request');
  expect(judge(message, undefined, { threshold: score + 0.01 }).verdict).toBe('clear');
  expect(judge(message, undefined, { weights: { bias: -3, of: {} } })).toMatchObject({
    score: 0.047,
    signals: [],
  });
});

it('is a function of the message, whatever it is, and its evidence stands where it says', () => {
  const pieces = fc.constantFrom(
    'password',
    'send',
    'your',
    'http://a.example',
    '\u200b',
    'р',
    '。',
    '\n\n',
    '>',
    ': ',
    'конто',
    '비밀',
    '😀',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 60 }),
      (parts) => {
        const message = readText({ medium: 'chat', direction: 'inbound', text: parts.join(' ') });
        const verdict = judge(message);
        expect(judge(message)).toEqual(verdict);
        expect(verdict.score).toBeGreaterThanOrEqual(0);
        expect(verdict.score).toBeLessThanOrEqual(1);
        for (const { evidence } of verdict.signals)
          for (const { part, start, end, quote } of evidence)
            if (part === 'text' && end - start === quote.length && message.text.includes(quote)) continue;
            else if (part === 'text') expect(quote).toMatch(/^\d+ (words|places)$/);
      },
    ),
    { numRuns: 300 },
  );
});
