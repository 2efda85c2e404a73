/** What somebody would try: secrets of ordinary words, in other languages, in addresses, quotes, tables and disguise. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { read } from '../../src/domain/reading/read.ts';
import { redact } from '../../src/domain/redact.ts';
import { judge } from '../../src/domain/verdict.ts';
import { readMail } from '../../src/protocol/mail/read-mail.ts';
import { readText } from '../../src/protocol/mail/read-text.ts';

const message = (text: string, subject = '') =>
  readText({ medium: 'ticket', direction: 'inbound', text, subject });
const kept = (text: string, subject = '') => redact(read(message(text, subject))).text;

/** A request that somebody answered on top: its language is not that of the answer, and its lines are far from it. */
const phish =
  '\n\nOn Monday the help desk wrote:\n> Dear user,\n> your mailbox has exceeded its quota and will be suspended within 24 hours.\n> Please reply with your password so that we can repair it.\n';

describe('a secret that was sent is not kept, whatever hides it', () => {
  it.each([
    ['gap expire', 'my password sunshine expired yesterday', 'sunshine'],
    ['gap expire2', 'My password sunflower rainbow expires today, can you fix it', 'rainbow'],
    ['gap retain', 'I would retain sunshine rainbow password as before', 'sunshine'],
    ['gap keep', 'please maintain sunshine password for me', 'sunshine'],
    ['stem clos', 'Here is my password, closetmonster', 'closetmonster'],
    ['stem verif', 'Here you have my password, verifantastic', 'verifantastic'],
    ['stem permanent', 'the password you want, permanentwave', 'permanentwave'],
    ['stem lock threat', 'my password? restrictor', 'restrictor'],
    ['stem alarm', 'password for anna fraudsterqueen', 'fraudsterqueen'],
    ['known word', 'my password, welcome', 'welcome'],
    ['known jackpot', 'Here is the password jackpot', 'jackpot'],
    ['known two', 'the password you want\nmoney jackpot', 'jackpot'],
    ['pw reply on top', `Hi, my pw is sunshine and please repair the mailbox.${phish}`, 'sunshine'],
    ['pwd', `Hello there, the pwd for anna is sunshine, greetings from Lisbon.${phish}`, 'sunshine'],
    ['pass', `Hello there, my pass is sunshine, greetings from Lisbon.${phish}`, 'sunshine'],
    [
      'de in en',
      `Guten Tag, mein Passwort lautet Sonnenschein, bitte reparieren.${phish.repeat(2)}`,
      'Sonnenschein',
    ],
    ['de kennwort', `Mein Kennwort lautet Sonnenblume, danke Anna.${phish.repeat(2)}`, 'Sonnenblume'],
    ['fr in en', `Bonjour, mon mot de passe est tournesol, merci beaucoup.${phish.repeat(2)}`, 'tournesol'],
    ['it in en', `Buongiorno, la parola d’ordine è girasole, grazie mille.${phish.repeat(2)}`, 'girasole'],
    ['nl in en', `Hallo, mijn wachtwoord is zonnebloem, dank je wel Anna.${phish.repeat(2)}`, 'zonnebloem'],
    ['ru in en', `Здравствуйте, мой пароль рассвет, спасибо большое заранее.${phish.repeat(2)}`, 'рассвет'],
    ['pl', `Dzień dobry, moje hasło to słonecznik, proszę o naprawę.${phish}`, 'słonecznik'],
    ['tr', `Merhaba, benim şifrem gündoğumu, teşekkürler sana Ayşe.${phish}`, 'gündoğumu'],
    ['cs', `Dobrý den, moje heslo je slunečnice, děkuji moc Anna.${phish}`, 'slunečnice'],
    ['sv', `Hej, mitt lösenord är solros, tack så mycket från Anna.${phish}`, 'solros'],
    ['el', `Γεια σας, ο κωδικός μου είναι ηλιοτρόπιο, ευχαριστώ πολύ φίλε.${phish}`, 'ηλιοτρόπιο'],
    ['hi', `नमस्ते, मेरा पासवर्ड सूरजमुखी है, कृपया मेलबॉक्स ठीक करें।${phish}`, 'सूरजमुखी'],
    ['ja', 'お世話になります。パスワードはひまわりです。よろしくお願いします。', 'ひまわり'],
    ['ja2', '私のパスワード、ひまわり。', 'ひまわり'],
    ['zh', '我的密码 向日葵 谢谢', '向日葵'],
    ['zh2', '你好，密码向日葵，谢谢你们的帮助。', '向日葵'],
    ['ko', '제 비밀번호 해바라기 입니다', '해바라기'],
    ['ko2', '안녕하세요 제 비밀번호는 해바라기입니다 감사합니다', '해바라기'],
    ['ar', 'كلمة المرور الخاصة بي عباد الشمس شكرا', 'الشمس'],
    ['he', 'הסיסמה שלי חמנייה תודה', 'חמנייה'],
    [
      'signs around',
      'It rains in Lisbon today and then !!sunshine!! was what they said to us all.',
      'sunshine!!',
    ],
    ['$$', 'It rains in Lisbon today and then $#@sunshine! was what they said to us all.', '$#@sunshine!'],
    [
      'pairs of digits',
      `It rains in Lisbon today and we all said 48 21 to each other at the station.${phish}`,
      '48 21',
    ],
    ['iban pairs', `Take this down for the safe of my mother 48 21 99 07 and no more.${phish}`, '48 21 99'],
    ['hyphen', 'It rains in Lisbon today and Correct-Horse was what they said to us all.', 'Correct-Horse'],
    ['url userinfo #', 'see https://anna:sunshine#x@host.example/ there', 'sunshine'],
    ['url userinfo ?', 'see https://anna:sunshine?@host.example/ there', 'sunshine'],
    ['url userinfo /', 'see https://anna:hunter22/x@host.example/ there', 'hunter22'],
    ['url no at', 'see https://anna:hunter22 there', 'hunter22'],
    ['url host', 'see https://hunter22tok3n.evil.example/ there', 'hunter22tok3n'],
    ['www', 'I use www.Tr0ub4dor&3 everywhere you know, all of us do so', 'Tr0ub4dor'],
    [
      'list of passwords',
      'My passwords are these, please be careful with all of them:\n1. for the mail in Lisbon that is anna\n2. for the shop in Porto that is berta\n3. for the server in Braga that is sunflower\n4. for the panel of the host that is moonlight\n',
      'moonlight',
    ],
    [
      '3 lines below',
      'Here is the password that you want from me\nas we agreed on the phone this morning with Eva\nbefore the station in Lisbon where it rained all day\nit reads like this one word sunflower and no more',
      'sunflower',
    ],
    [
      '2 lines above',
      'it reads like this one word sunflower and no more\nas we agreed on the phone this morning with Eva\nthat is the password that you want from me',
      'sunflower',
    ],
    ['passw*rd', `Hello, my passw*rd is sunshine as I told you on the phone.${phish}`, 'sunshine'],
    ['pa$$word', `Hello, my pa$$word is sunshine as I told you on the phone.${phish}`, 'sunshine'],
    ['p@ssword', `Hello, my p@ssword is sunshine as I told you on the phone.${phish}`, 'sunshine'],
    ['login/anna', `Hello, I log in as anna with sunshine as I told you on the phone.${phish}`, 'sunshine'],
    ['caps', `Hello, use SUNSHINE to get in as I told you on the phone.${phish}`, 'SUNSHINE'],
    ['spell', `Hello, it is s-u-n-s-h-i-n-e as I told you on the phone.${phish}`, 's-u-n'],
    ['spell spaces', 'my password s u n s h i n e thanks', 's u n'],
    ['spell far', `Hello, it is s u n s h i n e as I told you on the phone.${phish}`, 's u n s h i n e'],
    ['secret word', 'My secret word is sunshine and my mother was born Garden.', 'Garden'],
    ['mothers name', 'My mothers maiden name Garden, first pet Fluffy and first school Porto', 'Fluffy'],
    ['nul', 'my password\u0000: sunshine', 'sunshine'],
    ['zwsp', 'my pass\u200bword: jackpot', 'jackpot'],
    ['rtl', 'my password \u202e: jackpot', 'jackpot'],
    ['fullwidth', 'ｐａｓｓｗｏｒｄ： jackpot', 'jackpot'],
    ['sup', 'password ⇒ jackpot', 'jackpot'],
    ['equals word', 'password equals jackpot', 'jackpot'],
    ['pw reset to', 'I set the password to jackpot', 'jackpot'],
    ['quoted', 'password "jackpot" as ever', 'jackpot'],
    ['below colon named', 'Password:\nmy password jackpot casino', 'jackpot'],
    ['two below', 'Password:\nPIN:\njackpot\nbonus', 'jackpot'],
    ['reverse', 'jackpot: password', 'jackpot'],
    ['cr', 'password:\rjackpot', 'jackpot'],
    ['ls', 'password:\u2028jackpot', 'jackpot'],
    ['the subject names it', `nothing here but closet and sunshine.${phish}`, 'sunshine'],
    ['quoted, of a known word', 'the password "dropbox" as ever', 'dropbox'],
    ['quoted, in other signs', 'password «invoice» as ever', 'invoice'],
    ['a known word behind the name', 'my password dropbox is what you want', 'dropbox'],
    ['set to a known word', 'I set the password to security, as agreed', 'security'],
    ['a known word before', 'security is my password', 'security'],
    ['known words before a sign', 'webmail server: my password', 'webmail'],
    ['is, further on', 'the password for my mailbox is server security', 'security'],
    ['a table', 'Name | Password | Host\nanna | mailbox | server\nberta | security | server\n', 'security'],
    ['a table of tabs', 'Name\tPassword\nanna\tmailbox\nberta\tsecurity\n', 'security'],
    ['a table of blanks', 'Name Password Host\nanna mailbox server\nberta security server\n', 'security'],
    ['two questions, two answers', 'Password:\nPIN:\nmailbox\nserver', 'server'],
    ['a secret, called so', 'My secret: security', 'security'],
    ['a sign, further on', 'the password that you want: security server', 'security'],
    ['in Thai', `รหัสผ่านของฉันคือทานตะวัน${phish}`, 'ทานตะวัน'],
    ['in Vietnamese', `mật khẩu của tôi là hoahướngdương nhé.${phish}`, 'hoahướngdương'],
    ['in Indonesian', 'kata sandi saya matahari, terima kasih', 'matahari'],
    ['in Danish', 'min adgangskode er solsikke, tak', 'solsikke'],
    ['in Norwegian', 'mitt passord er solsikke, takk', 'solsikke'],
    ['in Finnish', 'salasanani on auringonkukka, kiitos', 'auringonkukka'],
    ['in Hungarian', 'a jelszavam napraforgó, köszönöm', 'napraforgó'],
    ['in Korean, a known word', '비밀번호는 계정 입니다', '계정'],
    ['in Japanese, known words', 'パスワードは口座です', '口座'],
    ['in Chinese, known words', '密码是银行卡', '银行卡'],
    ['a port that is none', 'see https://anna.example:hunter22 there', 'hunter22'],
    ['in a path with an at sign', 'see https://sun.shine/x@host.example there', 'sun.shine'],
    ['in a long label', 'see https://a8f4e2c9b1d7a8f4e2c9b1d7.example/ there', 'a8f4e2c9'],
    ['in capitals of a host', 'see https://SunShine.example/ there', 'SunShine'],
    ['as a port', 'see https://host.example:4821/ there', '4821'],
    ['a compound, far from any name', 'It rains in Lisbon and correct-horse was said.', 'correct-horse'],
    ['spelt, far from any name', 'It rains in Lisbon and s u n s h i n e was said.', 's u n s h i n e'],
    ['behind an invisible sign', 'password\u2060: webmail', 'webmail'],
    ['behind a line end of another kind', 'password:\u0085webmail', 'webmail'],
  ])('%s', (_, text, secret) => {
    expect(kept(text)).not.toContain(secret);
    expect(kept(phish, text)).not.toContain(secret);
  });
});

describe('parts outside the text are as strict', () => {
  const mail = (head: string, body: string) =>
    readMail(Buffer.from(`To: x@y.example\r\n${head}\r\n\r\n${body}`));
  const from = 'From: Help desk <desk@evil.example>\r\n';
  const html = `${from}Content-Type: text/html; charset=utf-8`;
  const attached = (name: string) =>
    mail(
      `${from}Content-Type: multipart/mixed; boundary=b`,
      `--b\r\nContent-Type: text/plain\r\n\r\nreply with your password\r\n--b\r\nContent-Type: text/html; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n<form><input type=password></form>\r\n--b--\r\n`,
    );
  it.each([
    [
      'hidden',
      mail(
        html,
        `<p>Please reply with your password now.</p><div style="display:none">My password is mailbox and my login is anna. ${'lorem ipsum dolor sit amet '.repeat(20)}</div>`,
      ),
      'mailbox',
    ],
    [
      'sender',
      mail(
        'From: "Support, my password is Sunshine" <desk@gmail.com>\r\nSubject: x',
        'Reply with your password',
      ),
      'Sunshine',
    ],
    [
      'sender',
      mail('From: "Support" <hunter22secret@gmail.com>\r\nSubject: x', 'Reply with your password'),
      'hunter22secret',
    ],
    [
      'link',
      mail(html, '<p>Reply with your password <a href="https://evil.example/x?y">sunshine22.com</a></p>'),
      'sunshine22',
    ],
    ['attachment', attached('sunshine'), 'sunshine'],
    ['attachment', attached('my password is mailbox .html'), 'mailbox'],
    [
      'form',
      mail(html, '<form action="mailto:hunter22@evil.example"><input type=password></form>'),
      'hunter22',
    ],
    [
      'form',
      mail(html, '<form action="https://evil.example/hunter22?x"><input type=password></form>'),
      'hunter22',
    ],
  ])('%s', (part, said, secret) => {
    const quoted = judge(said).signals.flatMap((signal) => signal.evidence);
    expect(quoted.some((each) => each.part === part && each.quote.includes(secret))).toBe(true);
    const { evidence } = redact(read(said));
    for (const each of quoted) expect(evidence(each).quote).not.toContain(secret);
  });

  it('the domain of a sender, the host of a link and of a form stay', () => {
    const { evidence } = redact(read(mail(html, '<p>Reply with your password</p>')));
    const quote = (part: 'sender' | 'link' | 'form', said: string) =>
      evidence({ part, start: 0, end: said.length, quote: said }).quote;
    expect(quote('sender', 'Support <desk@gmail.com>')).toBe('Support <•••@gmail.com>');
    expect(quote('link', 'paypal.com → https://evil.example/x?y')).toBe(
      'paypal.com → https://evil.example•••',
    );
    expect(quote('form', 'https://evil.example/x')).toBe('https://evil.example•••');
  });
});

describe('what is kept is plain text', () => {
  it('well-formed, without controls, wherever it is cut', () => {
    const unit = fc.constantFrom(
      '\ud83d',
      '\ude00',
      '\u{1f600}',
      'so ',
      'password ',
      '\u009b',
      '\u001b',
      '\u0000',
      '\r',
      '\n',
      '\u061c',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), fc.nat(60), (units, less) => {
        const text = `${'so '.repeat(2_650).slice(0, 7_998 - less)}${units.join('')}\u{20000}\u{20000} so`;
        const { text: masked, evidence } = redact(read(message(text)));
        const end = Math.max(0, text.length - less);
        const { quote } = evidence({ part: 'text', start: 7_900, end, quote: text.slice(7_900, end) });
        for (const each of [masked, quote]) {
          expect(Buffer.from(each, 'utf8').toString('utf8')).toBe(each);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be kept
          expect(each).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\p{Cf}]/u);
        }
      }),
      { numRuns: 200 },
    );
  });
});
