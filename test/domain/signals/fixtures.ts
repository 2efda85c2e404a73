/** One hit, one miss and one piece of attacker's text a signal; the attacker's must hit too (or, for what speaks against, must not). */
import type { Message, Setting } from '../../../src/domain/message.ts';
import { readMail } from '../../../src/protocol/mail/read-mail.ts';
import { readText } from '../../../src/protocol/mail/read-text.ts';

export interface Fixture {
  readonly hit: Message;
  readonly miss: Message;
  /** Written to slip past a signal that speaks for, or to earn one that speaks against. */
  readonly attack: Message;
  /** What the house knows; nothing where it is not said. */
  readonly setting?: Setting;
}

export const said = (text: string): Message => readText({ medium: 'chat', direction: 'inbound', text });

export function mail(headers: Record<string, string>, body: string, trusted: string[] = []): Message {
  const all = {
    From: 'Eva Moor <eva@sender.example>',
    To: 'anna@customer.example',
    Subject: 'x',
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return readMail(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`), { authservIds: trusted });
}

export const page = (html: string, headers: Record<string, string> = {}): Message =>
  mail({ 'Content-Type': 'text/html; charset=utf-8', ...headers }, html);

const words = (count: number) => 'the river ran by the old mill and nobody looked '.repeat(count / 10);

export const fixtures: Record<string, Fixture> = {
  'asks-for-secret': {
    hit: said('Please send us your password.'),
    miss: said('We will never ask you to send your password.'),
    attack: said('Please send us your p\u200ba\u200bs\u200bs\u200bword.'),
  },
  'asked-outright': {
    hit: said('Read me the six digit code you just got.'),
    miss: said(`${words(300)} Enter your password. ${words(300)}`),
    attack: said('Tell me your раsswоrd, it is urgent.'),
  },
  'asks-to-confirm': {
    hit: said('You must verify your account.'),
    miss: said('We have verified your account.'),
    attack: said('You must v e r i f y your account.'),
  },
  'fields-to-fill': {
    hit: said('Fill in and return:\nUser name:\nPassword:\nDate of birth:\n'),
    miss: said('User name: anna\nPassword: plum-tree\n'),
    attack: said('User name: ......... Pаssword: ......... thank you'),
  },
  'log-in-to-fix': {
    hit: said('Click here to restore it.'),
    miss: said('Click here to unsubscribe or to update your preferences.'),
    attack: said('Cliсk hеre to rеstore it.'),
  },
  threat: {
    hit: said('Your mailbox will be suspended.'),
    miss: said('The river was closed to ships.'),
    attack: said('Your mailb\u00adox will be susp\u00adended.'),
  },
  deadline: {
    hit: said('Your account will be closed within 24 hours.'),
    miss: said('The parcel comes within 24 hours.'),
    attack: said('Your account will be closed within ２４ hours.'),
  },
  'mailbox-story': {
    hit: said('Your mailbox has exceeded its quota.'),
    miss: said('The cup has exceeded its size.'),
    attack: said('Your mаilbox has еxceeded its quоta.'),
  },
  'alarm-story': {
    hit: said('We noticed unusual activity on your account.'),
    miss: said('An unusual winter, said the farmer.'),
    attack: said('We nοticed unusuаl activity on your accοunt.'),
  },
  'password-expiry': {
    hit: said('Keep the same password'),
    miss: said('The milk expires today.'),
    attack: said('Кeep the sаme pаssword'),
  },
  'story-then-act': {
    hit: said('Your mailbox will be suspended. Click the link below.'),
    miss: said('Your mailbox will be moved on Monday. You need not do anything.'),
    attack: said(`Your mailbox will be suspended.\n\n\n${words(20)}\n\nClick the link below.`),
  },
  'behind-a-login': {
    hit: said('A document was shared with you. Sign in to read it.'),
    miss: said('A document lies on your desk.'),
    attack: said('A dосument was shared with you. Sign in to read it.'),
  },
  'impersonal-greeting': {
    hit: said('Dear customer, we write to you.'),
    miss: said('Dear Anna, we write to you.'),
    attack: mail({}, 'Dear anna@customer.example, we write to you.'),
  },
  'claims-office': {
    hit: mail({ From: 'IT Help Desk <x@other.example>' }, 'Hello'),
    miss: mail({}, 'Hello'),
    attack: mail({ From: '=?utf-8?q?IT_Help_Desk?= <x@other.example>' }, 'Hello'),
  },
  'claims-brand': {
    hit: mail({ From: 'PayPal <x@other.example>' }, 'Hello'),
    miss: mail({ From: 'PayPal <x@paypal.com>' }, 'Hello'),
    attack: mail({ From: 'PayPal <x@paypal.com.other.example>' }, 'Hello'),
  },
  'recipient-brand': {
    hit: mail({ From: 'customer.example mail team <x@other.example>' }, 'Hello'),
    miss: mail({}, 'Hello'),
    attack: mail({ From: '"CUSTOMER.example" <x@other.example>' }, 'Hello'),
  },
  'own-name-unproved': {
    hit: mail({ From: 'anna@customer.example' }, 'Hello'),
    miss: mail({}, 'Hello'),
    attack: mail(
      {
        From: 'boss@customer.example',
        'Authentication-Results': 'mx.customer.example; spf=fail; dmarc=fail',
      },
      'Hello',
      ['mx.customer.example'],
    ),
  },
  'reply-elsewhere': {
    hit: mail({ 'Reply-To': 'x@gmail.com' }, 'Hello'),
    miss: mail({ 'Reply-To': 'other@mail.sender.example' }, 'Hello'),
    attack: mail({ From: '"support@bank.example" <x@other.example>' }, 'Hello'),
  },
  'link-elsewhere': {
    hit: page('<a href="https://other.example/x">Verify now</a>'),
    miss: page('<a href="https://www.sender.example/x">Verify now</a>'),
    attack: page('<a href="//other.example/x"><span>Ver</span>ify now</a>'),
  },
  'link-disguised': {
    hit: page('<a href="https://other.example/x">https://bank.example/login</a>'),
    miss: page('<a href="https://www.bank.example/x">bank.example</a>'),
    attack: page('<a href="https://other.example/x"> www.bank.example </a>'),
  },
  'link-by-text': {
    hit: said('Your card is locked. Log in at https://other.example/x'),
    miss: said('Your parcel comes at noon: https://other.example/x'),
    attack: said('Your card is locked. Lоg in at other.com/x'),
  },
  'link-odd': {
    hit: page('<a href="http://203.0.113.9/login">x</a>'),
    miss: page('<a href="https://www.sender.example/login">x</a>'),
    attack: page('<a href="https://paypal.com@other.example/">x</a>'),
  },
  lookalike: {
    hit: page('<a href="https://micros0ft.com/">x</a>'),
    miss: page('<a href="https://www.microsoft.com/">x</a>'),
    attack: mail({ From: 'x@custorner.example' }, 'Hello'),
  },
  'html-form': {
    hit: page('<form action="https://other.example/"><input name=u><input type=password></form>'),
    miss: page('<form><input type=hidden name=x></form>'),
    attack: page('<input type="PASSWORD" name=p>'),
  },
  'attached-page': {
    hit: mail(
      {
        'Content-Type': 'text/html; name="invoice.html"',
        'Content-Disposition': 'attachment; filename="invoice.html"',
      },
      '<p>x</p>',
    ),
    miss: mail({ 'Content-Type': 'application/pdf; name="invoice.pdf"' }, 'x'),
    attack: mail(
      {
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': "attachment; filename*=utf-8''invoice%2Eshtml",
      },
      '<p>x</p>',
    ),
  },
  'image-only': {
    hit: page('<a href="https://other.example/"><img src="cid:1"></a>'),
    miss: page(`<img src="cid:1"><p>${words(100)}</p>`),
    attack: page(
      '<font color="#ffffff">river mill old</font><a href="https://other.example/"><img src="cid:1"></a>',
    ),
  },
  'dressed-up': {
    hit: said('Your p\u200ba\u200bs\u200bsword'),
    miss: said('Ваш пароль, ваша почта, naïve café, Ελλάδα'),
    attack: said('𝐏𝐚𝐬𝐬𝐰𝐨𝐫𝐝 𝐞𝐱𝐩𝐢𝐫𝐞𝐬'),
  },
  'hidden-text': {
    hit: page(`<p>Hello</p><div style="display:none">${words(60)}</div>`),
    miss: page(`<p>${words(60)}</p>`),
    attack: page(`<p>Hello</p><p style="FONT-SIZE: 0px">${words(60)}</p>`),
  },
  'nobody-asked': {
    hit: said('A new password for anna: https://login.host.example/reset'),
    miss: said('We meet at noon.'),
    attack: said('Your р\u200bassword: https://login.host.example/reset?x=1'),
    setting: { ownDomains: [], recipientDomains: [], house: 'https://login.host.example', nobodyAsked: true },
  },
  'told-of-request': {
    hit: said('A man called, said he was from your company, and asked me for my password.'),
    miss: said('A man called and asked me for directions.'),
    attack: said('He wanted my р\u200bassword at once.'),
    setting: { ownDomains: [], recipientDomains: [], told: true },
  },
  'never-asks': {
    hit: said('We will never ask for your password.'),
    miss: said('Send us your password.'),
    attack: said('Do not wait. Password reset is urgent.'),
  },
  'code-given': {
    hit: said('Your verification code is 482913.'),
    miss: said('Send us the verification code.'),
    attack: said(
      'Case 482913 of this office: what was decided long before today is that you read us the code',
    ),
  },
  'may-be-ignored': {
    hit: said('If it was not you, ignore this message.'),
    miss: said('Read this message.'),
    attack: said('Do not ignore this message.'),
  },
  'you-asked': {
    hit: said('You requested a new password.'),
    miss: said('We need your password.'),
    attack: said('Never welcome to strangers.'),
  },
  conversation: {
    hit: mail({ 'In-Reply-To': '<1@x.example>', 'List-Id': 'x <x.example>' }, '> a\n> b\nyes'),
    miss: mail({}, 'Hello'),
    attack: mail({ Subject: 'Re: Re: your request' }, 'Hello'),
  },
  'long-read': { hit: said(words(900)), miss: said(words(100)), attack: said('verify '.repeat(60)) },
  'home-links': {
    hit: page('<a href="https://www.sender.example/x">x</a>'),
    miss: page('<a href="https://other.example/x">x</a>'),
    attack: page('<a href="https://sender.example.other.example/x">x</a>'),
  },
  'access-given': {
    hit: said('User name: anna\nPassword: plum-tree\n'),
    miss: said('User name:\nPassword:\n'),
    attack: said('User name: Password: '),
  },
  newsletter: {
    hit: said('To unsubscribe from this newsletter, write to us.'),
    miss: said('Hello'),
    attack: said('Verify your account'),
  },
  'sells-something': {
    hit: said('Buy now: 50 % discount, lowest price, special offer!'),
    miss: said('Hello'),
    attack: said('Verify your account, it is free'),
  },
  'greets-by-name': {
    hit: mail({}, 'Hello Laura Rossi,\n\nwe write to you.'),
    miss: mail({}, 'Hello,\n\nwe write to you.'),
    attack: mail({}, 'Hello Anna,\n\nwe write to you.'),
  },
};
