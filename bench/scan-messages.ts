/** Messages to be timed: ordinary ones from a seeded generator, and those that somebody would send to stop a scanner. */

const words =
  'the of and to in is you that it for was on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part account password please confirm update message meeting invoice server thanks regards'.split(
    ' ',
  );

/** A small generator (mulberry32): the same messages in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function ordinary(count: number): Buffer[] {
  const next = random(7);
  const word = () => words[Math.floor(next() * words.length)] ?? '';
  const prose = (length: number) =>
    Array.from({ length }, (_, i) => word() + (i % 14 === 13 ? '.\n' : '')).join(' ');
  return Array.from({ length: count }, (_, i) => {
    const text = prose(40 + Math.floor(next() ** 3 * 2000));
    const html = `<html><body><table><tr><td><p style="color:#333">${text.replaceAll('\n', '</p>\n<p>')}</p><a href="https://news.example/${i}">read more</a></td></tr></table></body></html>`;
    const head = `From: "${word()} ${word()}" <${word()}@mail${i % 50}.example>\r\nTo: anna@customer.example\r\nSubject: ${prose(6)}\r\nMessage-ID: <${i}@mail.example>\r\nMIME-Version: 1.0\r\n`;
    const both = `Content-Type: multipart/alternative; boundary="b${i}"\r\n\r\n--b${i}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n--b${i}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(html).toString('base64')}\r\n--b${i}--\r\n`;
    return Buffer.from(head + (i % 3 === 0 ? `\r\n${text}` : both));
  });
}

const head = 'From: a@b.example\nTo: c@d.example\nSubject: x\nMIME-Version: 1.0\n';
const plain = `${head}Content-Type: text/plain; charset=utf-8\n\n`;
const page = `${head}Content-Type: text/html; charset=utf-8\n\n`;
const mega = (piece: string, size = 1_000_000) => piece.repeat(Math.ceil(size / piece.length));

/** As many parts as there are, each of 120 KB. */
function parted(type: string, piece: string, encoding = '7bit'): string {
  const part = `--b\nContent-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\n\n${mega(piece, 120_000)}\n`;
  return `${head}Content-Type: multipart/mixed; boundary=b\n\n${part.repeat(195)}--b--\n`;
}

function deep(levels: number): string {
  let text = head;
  for (let i = 0; i < levels; i++) text += `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`;
  return `${text}\nplease send your password`;
}

export function hostile(): [string, Buffer][] {
  const all: [string, string][] = [
    ['nested html, 5 MB', page + mega('<div><b><i>', 5_000_000)],
    ['unclosed tags', page + mega('<a href="x" ', 3_000_000)],
    ['unclosed quotes', page + mega('<a href="', 3_000_000)],
    ['closing tags only', page + mega('</div></p>', 3_000_000)],
    ['comments', page + mega('<!-- <!--', 3_000_000)],
    ['entities', page + mega('&amp;&#x70;&nbsp;', 3_000_000)],
    ['many hidden elements', page + mega('<span style="display:none">a</span>', 3_000_000)],
    ['long style', `${page}<p style="${mega('color:white;', 2_000_000)}">x`],
    ['10,000 links in html', page + mega('<a href="https://x.example/a">verify your account</a> ', 530_000)],
    ['10,000 links in text', plain + mega('https://x.example/aaaaaaa verify your account\n', 470_000)],
    ['one word', plain + mega('a')],
    ['one word of at signs', plain + mega('a@')],
    ['dots', plain + mega('a.')],
    ['dots, links', plain + mega('a.b/')],
    ['slashes', plain + mega('http://')],
    ['brackets', plain + mega('http://a.b/((((')],
    ['single letters', plain + mega('p a s s ')],
    ['asking without end', plain + mega('please send your password ')],
    [
      'threats without end',
      plain + mega('verify your account now or your mailbox will be suspended within 24 hours click here '),
    ],
    ['never without end', plain + mega('never share your password code login ')],
    ['dear without end', plain + mega('Dear Anna Hello ')],
    ['colons', plain + mega('password: ')],
    ['combining marks', plain + mega('a\u0301\u0302\u0303')],
    ['zero width', plain + mega('p\u200ba\u200b')],
    ['mixed scripts', plain + mega('раѕѕwоrd ')],
    ['ideographs', plain + mega('请输入您的密码')],
    ['hangul', plain + mega('비밀번호를 입력하세요 ')],
    ['newlines, 25 MB', plain + mega('\n', 25_000_000)],
    [
      'boundaries, 25 MB',
      `${head}Content-Type: multipart/mixed; boundary=b\n\n${mega('--b\n\n', 25_000_000)}`,
    ],
    [
      'near boundaries, 25 MB',
      `${head}Content-Type: multipart/mixed; boundary=b\n\n${mega('--bb\n', 25_000_000)}`,
    ],
    ['deep mime', deep(2000)],
    ['nested messages', head + mega('Content-Type: message/rfc822\n\n', 2_000_000)],
    ['headers', `${mega('X-A: b\n', 3_000_000)}\n\nx`],
    ['folded header', `Subject: ${mega(' a\n', 3_000_000)}\n\nx`],
    ['addresses', `From: ${mega('"(<a@b.c>', 1_000_000)}\n\nx`],
    ['encoded words', `Subject: ${mega('=?utf-8?q?a?= ', 1_000_000)}\n\nx`],
    ['parameters', `Content-Type: text/plain; ${mega('a*0="x";', 1_000_000)}\n\nx`],
    [
      'base64, 25 MB',
      `${head}Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n${mega('PGI+PGI+\n', 25_000_000)}`,
    ],
    [
      'quoted-printable',
      `${head}Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n${mega('=3Cb=3E=\n', 3_000_000)}`,
    ],
    ['gb18030', `${head}Content-Type: text/plain; charset=gb18030\n\n${mega('\xc3\xdc\xc2\xeb', 3_000_000)}`],
    ['pages of addresses, 23 MB', parted('text/html', 'a.com ')],
    ['pages of anchors, 23 MB', parted('text/html', '<a href=//a>')],
    ['pages of broken anchors, 23 MB', parted('text/html', '<a href=//[>')],
    ['pages of forms, 23 MB', parted('text/html', '<form action=http://[>')],
    ['hidden pages, 23 MB', parted('text/html', '<p hidden>a password</p>')],
    ['texts of addresses, 23 MB', parted('text/plain', 'a.com ')],
    ['texts of nothing, 23 MB', parted('text/plain', '=\n', 'quoted-printable')],
    ['attached pages, 23 MB', parted('text/html; name="a.html"', '<a href=x>y')],
    ['messages of headers, 23 MB', parted('message/rfc822', 'a:\n')],
    ['parts of near boundaries, 23 MB', parted('multipart/mixed; boundary=c', '--cc\n')],
    ['broken anchors', page + mega('<a href=//[>')],
    ['controls', plain + mega('\0a\r')],
    ['controls in html', page + mega('&#1;a\0')],
    ['results', `Authentication-Results: x; ${mega('dkim=pass header.d=a;', 1_000_000)}\n${plain}x`],
  ];
  return all.map(([name, text]) => [name, Buffer.from(text)]);
}
